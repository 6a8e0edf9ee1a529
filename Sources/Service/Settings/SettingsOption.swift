import Logging
import Minutes
import Summaries

/// One option of ``Settings``: its name, the texts that it accepts, and the field that it sets.
package struct SettingsOption: Sendable {
    /// Section and name as in the YAML file: `model.contextLength`.
    package let key: String
    /// What is allowed, to be read after "has to be".
    package let allowed: String
    /// The value as the YAML file would spell it.
    package let text: @Sendable (Settings) -> String
    /// Sets the option from a text; false if the text is not allowed.
    let take: @Sendable (inout Settings, String) -> Bool

    /// The variable that overrides the file: `MINUTED_MODEL_CONTEXT_LENGTH`.
    package var environmentName: String {
        var name = "MINUTED_"
        for character in key {
            if character.isUppercase { name += "_" }
            name += character == "." ? "_" : character.uppercased()
        }
        return name
    }

    /// All options, in the order of `etc/minuted.yaml`.
    package static let all: [SettingsOption] = [
        path("folders.state", \.folders.state),
        path("folders.spool", \.folders.spool),
        path("folders.output", \.folders.output),
        socket("sockets.ingest", \.sockets.ingest),
        socket("sockets.control", \.sockets.control),
        path("model.path", \.model.path),
        automatic("model.contextLength", \.model.contextLength, 512...131_072),
        automatic("model.threads", \.model.threads, 1...512),
        flag("model.deterministic", \.model.isDeterministic),
        style("model.style"),
        choice(
            "model.adapters", \.model.adapters, "auto, an absolute path",
            isValue: { $0 == Settings.Model.automaticAdapter || ChoiceByKind.isPath($0) }),
        integer("model.snapshotMegabytes", \.model.snapshotMegabytes, 0...1_048_576),
        cacheFolder("model.cacheFolder"),
        integer("segmentation.maximumTokens", \.segmentation.maximumTokens, 64...32_768),
        integer("segmentation.minimumTokens", \.segmentation.minimumTokens, 0...32_768),
        number("segmentation.pauseSeconds", \.segmentation.pauseSeconds, 0...86_400),
        flag("segmentation.topics", \.segmentation.findsTopics),
        integer("summaries.attempts", \.summaries.attempts, 1...10),
        number("summaries.retrySeconds", \.summaries.retrySeconds, 0...600),
        choice(
            "minutes.template", \.minutes.template, "standard or an absolute path",
            isValue: { $0 == MinutesTemplate.standard.name || ChoiceByKind.isPath($0) }),
        choice("minutes.language", \.minutes.language, "a language such as German", isValue: isLanguage),
        choice(
            "minutes.vocabulary", \.minutes.vocabulary, "an absolute path", isValue: ChoiceByKind.isPath),
        number("meetings.idleEndMinutes", \.meetings.idleEndMinutes, 0...10_080),
        number("spool.settleSeconds", \.spool.settleSeconds, 0...3_600),
        number("spool.rescanSeconds", \.spool.rescanSeconds, 0.1...3_600),
        number("spool.gapWaitSeconds", \.spool.gapWaitSeconds, 0...86_400),
        integer("spool.fileMegabytesLimit", \.spool.fileMegabytesLimit, 1...1_024),
        flag("spool.poll", \.spool.polls),
        integer("ingest.lineKilobytesLimit", \.ingest.lineKilobytesLimit, 1...65_536),
        integer("ingest.pendingKilobytesLimit", \.ingest.pendingKilobytesLimit, 1...65_536),
        integer("ingest.allPendingMegabytesLimit", \.ingest.allPendingMegabytesLimit, 1...65_536),
        integer("ingest.connectionLimit", \.ingest.connectionLimit, 1...65_536),
        integer("ingest.connectionLimitPerUser", \.ingest.connectionLimitPerUser, 1...65_536),
        number("ingest.silenceSeconds", \.ingest.silenceSeconds, 0...86_400),
        names("ingest.allowedUsers", \.ingest.allowedUsers),
        names("ingest.allowedGroups", \.ingest.allowedGroups),
        number("output.refreshSeconds", \.output.refreshSeconds, 0...3_600),
        choice("output.group", \.output.group, "a group", isValue: isGroup),
        days("retention.received", \.retention.received),
        days("retention.transcripts", \.retention.transcripts),
        days("retention.minutes", \.retention.minutes),
        days("retention.caches", \.retention.caches),
        days("retention.failed", \.retention.failed),
        metricsFile("metrics.file"),
        number("metrics.seconds", \.metrics.seconds, 1...3_600),
        level("log.level"),
    ]

    /// The option called `key`.
    package static func named(_ key: String) -> SettingsOption? {
        all.first { $0.key == key }
    }

    private static func path(
        _ key: String, _ field: any WritableKeyPath<Settings, String> & Sendable
    ) -> SettingsOption {
        SettingsOption(key: key, allowed: "an absolute path", text: { $0[keyPath: field] }) {
            settings, text in
            guard text.hasPrefix("/"), !text.utf8.contains(0) else { return false }
            settings[keyPath: field] = text
            return true
        }
    }

    /// sun_path(7) holds 108 bytes with the terminating zero.
    private static let socketPathLimit = 107

    private static func socket(
        _ key: String, _ field: any WritableKeyPath<Settings, String> & Sendable
    ) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "an absolute path of at most \(socketPathLimit) bytes",
            text: { $0[keyPath: field] }
        ) { settings, text in
            guard text.hasPrefix("/"), !text.utf8.contains(0), text.utf8.count <= socketPathLimit else {
                return false
            }
            settings[keyPath: field] = text
            return true
        }
    }

    private static func integer(
        _ key: String, _ field: any WritableKeyPath<Settings, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            text: { "\($0[keyPath: field])" }
        ) { settings, text in
            guard let value = Int(text), range.contains(value) else { return false }
            settings[keyPath: field] = value
            return true
        }
    }

    private static func names(
        _ key: String, _ field: any WritableKeyPath<Settings, [String]> & Sendable
    ) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "none or names with commas between them",
            text: { $0[keyPath: field].isEmpty ? "none" : $0[keyPath: field].joined(separator: ", ") }
        ) { settings, text in
            let names =
                text == "none"
                ? []
                : text.split(separator: ",").map { name in
                    String(String(name.drop { $0 == " " }).reversed().drop { $0 == " " }.reversed())
                }
            guard names.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }), text == "none" || !names.isEmpty
            else {
                return false
            }
            settings[keyPath: field] = names
            return true
        }
    }

    private static func flag(
        _ key: String, _ field: any WritableKeyPath<Settings, Bool> & Sendable
    ) -> SettingsOption {
        SettingsOption(key: key, allowed: "true or false", text: { "\($0[keyPath: field])" }) {
            settings, text in
            guard let value = Bool(text) else { return false }
            settings[keyPath: field] = value
            return true
        }
    }

    private static func automatic(
        _ key: String, _ field: any WritableKeyPath<Settings, Int?> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "auto or a whole number from \(range.lowerBound) to \(range.upperBound)",
            text: { $0[keyPath: field].map { "\($0)" } ?? "auto" }
        ) { settings, text in
            if text == "auto" {
                settings[keyPath: field] = nil
                return true
            }
            guard let value = Int(text), range.contains(value) else { return false }
            settings[keyPath: field] = value
            return true
        }
    }

    private static func number(
        _ key: String, _ field: any WritableKeyPath<Settings, Double> & Sendable, _ range: ClosedRange<Double>
    ) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "a number from \(short(range.lowerBound)) to \(short(range.upperBound))",
            text: { short($0[keyPath: field]) }
        ) { settings, text in
            guard let value = Double(text), range.contains(value) else { return false }
            settings[keyPath: field] = value
            return true
        }
    }

    private static func style(_ key: String) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "auto, instructionTuned, base or tuned",
            text: { $0.model.style?.rawValue ?? "auto" }
        ) { settings, text in
            let style = ModelProfile.Style(rawValue: text)
            guard style != nil || text == "auto" else { return false }
            settings.model.style = style
            return true
        }
    }

    private static func choice(
        _ key: String, _ field: any WritableKeyPath<Settings, ChoiceByKind> & Sendable, _ value: String,
        isValue: @escaping @Sendable (String) -> Bool
    ) -> SettingsOption {
        SettingsOption(key: key, allowed: ChoiceByKind.allowed(value), text: { $0[keyPath: field].text }) {
            settings, text in
            guard let choice = ChoiceByKind(text, isValue: isValue) else { return false }
            settings[keyPath: field] = choice
            return true
        }
    }

    private static func days(
        _ key: String, _ field: any WritableKeyPath<Settings, ChoiceByKind> & Sendable
    ) -> SettingsOption {
        choice(
            key, field, "a number of days from 1 to 36500",
            isValue: { text in Int(text).map { (1...36_500).contains($0) } ?? false })
    }

    /// A language's name as a person writes it: letters and blanks.
    private static func isLanguage(_ text: String) -> Bool {
        (2...40).contains(text.count) && text.allSatisfy { $0.isLetter || " -".contains($0) }
    }

    /// The name of a group as it may stand in /etc/group, or its number.
    private static func isGroup(_ text: String) -> Bool {
        !text.isEmpty && text != "none"
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
    }

    private static func cacheFolder(_ key: String) -> SettingsOption {
        SettingsOption(
            key: key, allowed: "auto, none or an absolute path",
            text: { settings in
                switch settings.model.cacheFolder {
                case .automatic: "auto"
                case .none: "none"
                case .folder(let path): path
                }
            }
        ) { settings, text in
            switch text {
            case "auto": settings.model.cacheFolder = .automatic
            case "none": settings.model.cacheFolder = .none
            default:
                guard text.hasPrefix("/"), !text.utf8.contains(0) else { return false }
                settings.model.cacheFolder = .folder(text)
            }
            return true
        }
    }

    private static func metricsFile(_ key: String) -> SettingsOption {
        SettingsOption(key: key, allowed: "none or an absolute path", text: { $0.metrics.file ?? "none" }) {
            settings, text in
            guard text == "none" || text.hasPrefix("/") && !text.utf8.contains(0) && !text.hasSuffix("/")
            else {
                return false
            }
            settings.metrics.file = text == "none" ? nil : text
            return true
        }
    }

    private static func level(_ key: String) -> SettingsOption {
        SettingsOption(
            key: key, allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
            text: { $0.logLevel.rawValue }
        ) { settings, text in
            guard let level = Logger.Level(rawValue: text) else { return false }
            settings.logLevel = level
            return true
        }
    }

    /// `2` rather than `2.0`.
    private static func short(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
