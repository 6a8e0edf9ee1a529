import Errors
import Foundation
import Language
import Yams

/// The keys of a configuration file.
///
/// Checks that every key is known and every value is a scalar, and reports all errors at once, each with its line.
struct SettingsFile {
    /// Where it was read from.
    let path: String
    /// 1-based line of every key that is set.
    private(set) var lines: [String: Int] = [:]
    /// The entries of the section `delivery`, by name.
    private(set) var deliveries: [Settings.Delivery] = []
    /// True if no option is set that has one value.
    var isEmpty: Bool { lines.isEmpty }

    /// Reads and checks the file; throws ``ApplicationError`` with all that is wrong with its keys.
    init(path: String) throws(ApplicationError) {
        self.path = path
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw ApplicationError(
                .configuration, "\(path): the configuration cannot be read: \(error.localizedDescription)")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ApplicationError(.configuration, "\(path): not valid YAML: \(error)")
        }
        guard let root, !Self.isNull(root) else { return }
        guard let mapping = root.mapping else {
            throw ApplicationError(
                .configuration, "\(path): sections such as 'model:' expected, with their options below them")
        }
        var problems: [String] = []
        for (key, value) in mapping { problems += readSection(key, value) }
        guard problems.isEmpty else {
            throw ApplicationError(.configuration, problems.joined(separator: "\n"))
        }
    }

    private mutating func readSection(_ key: Node, _ value: Node) -> [String] {
        let section = key.string ?? "?"
        if section == DeliveryOption.section { return readDeliveries(value) }
        guard SettingsOption.all.contains(where: { $0.key.hasPrefix(section + ".") }) else {
            return [place(key) + "unknown section '\(section)'" + suggestion(for: section)]
        }
        // A section whose options are all commented out.
        if Self.isNull(value) { return [] }
        guard let mapping = value.mapping else {
            return [place(key) + "'\(section)' is a section: its options stand indented below it"]
        }
        return mapping.compactMap { readOption(in: section, $0.key, $0.value) }
    }

    private mutating func readOption(in section: String, _ key: Node, _ value: Node) -> String? {
        let name = section + "." + (key.string ?? "?")
        guard SettingsOption.named(name) != nil else {
            return place(key) + "unknown option '\(name)'" + suggestion(for: name)
        }
        guard value.scalar != nil, !Self.isNull(value) else {
            return place(key) + "'\(name)' has no single value: give one or remove the line"
        }
        lines[name] = key.mark?.line ?? 0
        return nil
    }

    /// Reads the entries that hand minutes on: a mapping of names to options.
    private mutating func readDeliveries(_ value: Node) -> [String] {
        if Self.isNull(value) { return [] }
        guard let mapping = value.mapping else {
            return [
                place(value) + "'\(DeliveryOption.section)' is a section: its entries stand indented below it"
            ]
        }
        var problems: [String] = []
        for (key, value) in mapping {
            let (name, prefix) = (key.string ?? "?", "\(DeliveryOption.section).\(key.string ?? "?")")
            var delivery = Settings.Delivery(name: name, command: [])
            guard DeliveryOption.isName(name) else {
                problems.append(
                    place(key)
                        + "'\(prefix)': a name has letters, digits, '_' and '-', and at most 40 of them")
                continue
            }
            for (optionKey, optionValue) in value.mapping ?? [:] {
                let optionName = optionKey.string ?? "?"
                guard let option = DeliveryOption.all.first(where: { $0.key == optionName }) else {
                    let known = DeliveryOption.all.map(\.key).joined(separator: ", ")
                    problems.append(
                        place(optionKey) + "unknown option '\(prefix).\(optionName)': use one of \(known)")
                    continue
                }
                guard let text = optionValue.scalar?.string, !Self.isNull(optionValue) else {
                    problems.append(place(optionKey) + "'\(prefix).\(optionName)' has no single value")
                    continue
                }
                guard option.take(&delivery, text) else {
                    problems.append(
                        place(optionKey)
                            + "'\(prefix).\(optionName)' is '\(text)' and has to be \(option.allowed)")
                    continue
                }
            }
            if value.mapping?["command"] == nil {
                problems.append(place(key) + "'\(prefix)' needs a command, indented below it")
            }
            deliveries.append(delivery)
        }
        deliveries.sort { $0.name < $1.name }
        return problems
    }

    private func place(_ node: Node) -> String {
        "\(path):\(node.mark?.line ?? 0): "
    }

    private static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    private func suggestion(for name: String) -> String {
        nearestOption(to: name).map { "; did you mean '\($0)'?" } ?? ""
    }
}

/// The option or section that someone who wrote `name` most likely meant; nil if nothing is near.
func nearestOption(to name: String) -> String? {
    let keys = SettingsOption.all.map(\.key)
    let sections = Set(keys.compactMap { $0.split(separator: ".").first.map(String.init) })
        .union([DeliveryOption.section]).sorted()
    let candidates = name.contains(".") ? keys : sections + keys
    let last = name.split(separator: ".").last.map(String.init) ?? name
    // The right option in the wrong section, or in none.
    if let moved = keys.first(where: { $0.hasSuffix("." + last) }) { return moved }
    let wanted = Array(name.lowercased().utf8)
    let near = candidates.map {
        (key: $0, distance: EditDistance.between(wanted, Array($0.lowercased().utf8)))
    }
    .min { $0.distance < $1.distance }
    guard let near, near.distance <= max(2, wanted.count / 4) else { return nil }
    return near.key
}
