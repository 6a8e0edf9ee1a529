import Configuration
import Errors
import Foundation
import Ledger

extension Settings {
    /// Reads the settings: `overrides` over the environment over the file over the defaults.
    ///
    /// - `path`: the YAML file; nil for ``defaultPath``, which may be absent.
    /// - `environment`: `MINUTED_…` for each option, and systemd's `STATE_DIRECTORY` and `RUNTIME_DIRECTORY`, which
    ///   move the defaults. A set `folders.state` moves the other folders' defaults too.
    /// - `overrides`: values by key, from the command line.
    ///
    /// Throws ``ApplicationError`` that lists everything that is wrong.
    package static func load(
        path: String?, environment: [String: String], overrides: [String: String] = [:]
    ) async throws -> Settings {
        let sources = try await SettingsSources(path: path, environment: environment, overrides: overrides)
        return try sources.settings()
    }

    /// Names of `MINUTED_…` variables that set nothing, each with the one that was probably meant.
    package static func strayVariables(in environment: [String: String]) -> [String] {
        let known = Set(SettingsOption.all.map(\.environmentName) + [FaultPoint.variable])
        return environment.keys.filter { $0.hasPrefix("MINUTED_") && !known.contains($0) }.sorted()
    }
}

/// The sources of values, and how messages name the place that a value comes from.
private struct SettingsSources {
    let file: SettingsFile?
    let environment: [String: String]
    let overrides: [String: String]
    let reader: ConfigReader

    init(path: String?, environment: [String: String], overrides: [String: String]) async throws {
        self.environment = environment
        self.overrides = overrides
        let isThere = FileManager.default.fileExists(atPath: path ?? Settings.defaultPath)
        file = path != nil || isThere ? try SettingsFile(path: path ?? Settings.defaultPath) : nil
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                values: Dictionary(
                    uniqueKeysWithValues: overrides.map {
                        (
                            AbsoluteConfigKey(ConfigKey($0.key)),
                            ConfigValue(.string($0.value), isSecret: false)
                        )
                    })),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "minuted"),
        ]
        if let file, !file.isEmpty {
            let place = InMemoryProvider(values: [
                "filePath": ConfigValue(.string(file.path), isSecret: false)
            ])
            providers.append(try await FileProvider<YAMLSnapshot>(config: ConfigReader(provider: place)))
        }
        reader = ConfigReader(providers: providers)
    }

    func settings() throws -> Settings {
        var settings = Settings(
            state: firstFolder("STATE_DIRECTORY") ?? "/var/lib/minuted",
            runtime: firstFolder("RUNTIME_DIRECTORY") ?? "/run/minuted")
        if let state = reader.string(forKey: "folders.state"), state.hasPrefix("/") {
            let moved = Settings(state: state)
            settings.folders = moved.folders
            settings.model = moved.model
        }
        settings.deliveries = file?.deliveries ?? []
        var problems: [String] = []
        for option in SettingsOption.all {
            // Values are read as text, so that a wrong one can be quoted back.
            guard let text = reader.string(forKey: ConfigKey(option.key)) else { continue }
            if !option.take(&settings, text) {
                problems.append(
                    "\(place(of: option))'\(option.key)' is '\(text)' and has to be \(option.allowed)")
            }
        }
        if settings.segmentation.minimumTokens > settings.segmentation.maximumTokens {
            problems.append(
                "'segmentation.minimumTokens' (\(settings.segmentation.minimumTokens)) has to be at most "
                    + "'segmentation.maximumTokens' (\(settings.segmentation.maximumTokens))")
        }
        guard problems.isEmpty else {
            throw ApplicationError(.configuration, problems.joined(separator: "\n"))
        }
        return settings
    }

    private func place(of option: SettingsOption) -> String {
        if overrides[option.key] != nil { return "command line: " }
        if environment[option.environmentName] != nil { return "environment \(option.environmentName): " }
        guard let file else { return "" }
        return "\(file.path):\(file.lines[option.key] ?? 0): "
    }

    /// systemd separates several folders by colons; the first is ours.
    private func firstFolder(_ variable: String) -> String? {
        environment[variable]?.split(separator: ":").first.map(String.init)
    }
}
