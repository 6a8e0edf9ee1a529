import Errors
import Foundation
import Gemma
import Glibc
import Settings

/// The folder of models.
///
/// The daemon uses the one that the link `gemma.gguf` points to.
struct ModelFolder {
    /// A model in the folder.
    struct Entry: Codable {
        var file: String
        var bytes: Int
        var isUsed: Bool
        /// Of the model; nil if it cannot be used.
        var name: String?
        var isInstructionTuned: Bool?
        /// The file of the adapter that is used with it.
        var adapter: String?
        /// Why it cannot be used.
        var problem: String?
    }

    /// How to get a good model.
    static let advice = """
        Usable minutes need an instruction-tuned model of 2B: `minutectl model get gemma-4-e2b` fetches one, where there \
        is a network; `minutectl model use FILE` takes it, or any other GGUF file of Gemma, into use.
        """

    let path: String
    /// The link.
    private let link: String
    /// Where the configuration says that the model is, if that is not here.
    let elsewhere: String?

    init(_ settings: Settings) {
        path = settings.folders.state + "/models"
        link = path + "/gemma.gguf"
        elsewhere = settings.model.path == link ? nil : settings.model.path
    }

    /// All models in the folder, by name.
    func models() throws -> [Entry] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw ApplicationError(.file, "\(path): cannot be listed: \(error.localizedDescription)")
        }
        let used = realPath(link)
        return names.sorted().filter { isModel($0) }.map { name in
            let file = path + "/" + name
            let isUsed = elsewhere == nil && realPath(file) == used
            var entry = Entry(file: name, bytes: bytes(of: file), isUsed: isUsed)
            if isUsed { entry.adapter = realPath(Settings.Model.adapterPath(besideModel: link)) }
            do {
                let model = try GemmaModel(path: file)
                entry.name = model.configuration.name
                entry.isInstructionTuned = model.isInstructionTuned
            } catch {
                entry.problem = "\(error)"
            }
            return entry
        }
    }

    /// Checks a model, copies it here if it is elsewhere, and sets the link; `adapter` is a path, `none`, or nil.
    ///
    /// Throws ``ApplicationError`` or what is wrong with the model; then nothing has changed.
    func use(_ name: String, adapter: String?) throws -> (path: String, adapter: String?) {
        if let elsewhere {
            throw ApplicationError(
                .configuration,
                "model.path is set to \(elsewhere): remove it from the configuration, and the model that is chosen here "
                    + "is used")
        }
        let inFolder = path + "/" + name
        let isName = !name.contains("/") && FileManager.default.fileExists(atPath: inFolder)
        let source = try resolved(isName ? inFolder : name)
        let model: GemmaModel
        do {
            model = try GemmaModel(path: source)
        } catch {
            throw ApplicationError(.configuration, "\(name): \(ErrorText.of(error))")
        }
        let adapterPath = try self.adapter(adapter, for: model)
        let target = source.hasPrefix(try resolved(path) + "/") ? source : try copy(source)
        try setLink(Settings.Model.adapterPath(besideModel: link), to: adapterPath)
        try setLink(link, to: (target as NSString).lastPathComponent)
        return (target, adapterPath)
    }

    private func adapter(_ wish: String?, for model: GemmaModel) throws -> String? {
        if wish == "none" { return nil }
        if let wish {
            let path = try resolved(wish)
            do {
                _ = try LoRAAdapter(path: path, architecture: model.configuration.architecture)
            } catch {
                throw ApplicationError(.configuration, "\(wish): \(ErrorText.of(error))")
            }
            return path
        }
        // An instruction-tuned model is asked in chat turns, and our adapters were trained without them.
        guard !model.isInstructionTuned else { return nil }
        let folder = Self.installedAdapters
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".gguf") }.sorted().map { folder + "/" + $0 }.first {
            // Ignored: one that cannot be read is not for this model.
            let adapter = try? LoRAAdapter(path: $0, architecture: model.configuration.architecture)
            return adapter?.baseModel == model.configuration.name
        }
    }

    /// `share/minuted/adapters` beside the folder that this program lies in.
    private static var installedAdapters: String {
        let program = realPath("/proc/self/exe") ?? "/usr/bin/minutectl"
        let prefix = URL(filePath: program).deletingLastPathComponent().deletingLastPathComponent()
        return prefix.appending(path: "share/minuted/adapters").path(percentEncoded: false)
    }

    private func copy(_ source: String) throws -> String {
        let name = (source as NSString).lastPathComponent
        let target = "\(path)/\(name)"
        guard name != "gemma.gguf" else {
            throw ApplicationError(
                .badRequest, "\(name) is what the link is called: give the file another name")
        }
        guard !FileManager.default.fileExists(atPath: target) else {
            throw ApplicationError(
                .badRequest,
                "there is another \(name) in \(path): `minutectl model use \(name)`, or remove it first")
        }
        let partial = "\(path)/.\(name).partial"
        // Ignored: most often there is none.
        try? FileManager.default.removeItem(atPath: partial)
        do {
            try FileManager.default.copyItem(atPath: source, toPath: partial)
            try openToAll(partial)
            try FileManager.default.moveItem(atPath: partial, toPath: target)
        } catch {
            // Ignored: what is left over is replaced the next time.
            try? FileManager.default.removeItem(atPath: partial)
            throw ApplicationError(
                .file, "\(source): cannot be copied into \(path): \(error.localizedDescription)")
        }
        return target
    }

    /// The daemon's user has to be able to read it, whoever owned the original.
    private func openToAll(_ path: String) throws {
        guard let files = FileManager.default.enumerator(atPath: path), isFolder(path) else {
            return try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        for case let name as String in files {
            let file = path + "/" + name
            let mode = isFolder(file) ? 0o755 : 0o644
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        }
    }

    /// Replaces a link atomically; removes it if there is no target.
    private func setLink(_ link: String, to target: String?) throws {
        guard let target else {
            // Ignored: most often there is none.
            unlink(link)
            return
        }
        var status = stat()
        if lstat(link, &status) == 0, status.st_mode & S_IFMT != S_IFLNK {
            throw ApplicationError(.file, "\(link) is a file of its own: give it another name first")
        }
        let temporary = link + ".new"
        unlink(temporary)
        guard symlink(target, temporary) == 0, rename(temporary, link) == 0 else {
            throw ApplicationError(.file, "\(link): cannot be set: \(String(cString: strerror(errno)))")
        }
    }

    private func resolved(_ path: String) throws -> String {
        guard let real = realPath(path) else {
            throw ApplicationError(.file, "\(path): \(String(cString: strerror(errno)))")
        }
        return real
    }

    private func isModel(_ name: String) -> Bool {
        guard !name.hasPrefix("."), name != "gemma.gguf", !name.hasSuffix(".adapter.gguf") else {
            return false
        }
        return name.hasSuffix(".gguf")
            || FileManager.default.fileExists(atPath: "\(path)/\(name)/config.json")
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private func bytes(of file: String) -> Int {
        guard isFolder(file), let names = FileManager.default.enumerator(atPath: file) else {
            return size(file)
        }
        return names.reduce(0) { $0 + size(file + "/\($1)") }
    }

    private func size(_ file: String) -> Int {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// The path without links; nil, with errno, if it leads nowhere.
func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}
