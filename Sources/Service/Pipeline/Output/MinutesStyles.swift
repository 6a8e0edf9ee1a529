import Errors
import Minutes
import Settings
import Summaries

/// The style of each kind of meeting, read from the files that the settings name.
package struct MinutesStyles: Sendable {
    private let choice: Settings.Minutes
    private let templates: [String: MinutesTemplate]
    private let vocabularies: [String: Vocabulary]

    /// Standard minutes for all meetings.
    package static let standard = MinutesStyles()

    private init() { (choice, templates, vocabularies) = (Settings().minutes, [:], [:]) }

    /// Reads the files; throws ``ApplicationError`` that lists everything that is wrong with them.
    package init(_ settings: Settings.Minutes) throws {
        choice = settings
        var complaints: [String] = []
        func read<Value>(_ choice: ChoiceByKind, _ make: (String) throws -> Value) -> [String: Value] {
            choice.values.compactMapValues { name in
                do {
                    return try make(name)
                } catch {
                    complaints.append("\(error)")
                    return nil
                }
            }
        }
        templates = read(settings.template) {
            $0 == MinutesTemplate.standard.name ? .standard : try MinutesTemplate(path: $0)
        }
        vocabularies = read(settings.vocabulary, Vocabulary.init(path:))
        guard complaints.isEmpty else {
            throw ApplicationError(.configuration, complaints.sorted().joined(separator: "\n"))
        }
    }

    /// The style of the meeting called `name`.
    package func style(ofMeeting name: String) -> MinutesStyle {
        MinutesStyle(
            template: choice.template.kind(ofMeeting: name).flatMap { templates[$0] } ?? .standard,
            language: choice.language.kind(ofMeeting: name).flatMap { choice.language.values[$0] },
            vocabulary: choice.vocabulary.kind(ofMeeting: name).flatMap { vocabularies[$0] } ?? .none)
    }

    /// Throws ``ApplicationError`` if `model` cannot be told a language that is asked of it.
    package func check(_ model: any LanguageModel) throws(ApplicationError) {
        for (kind, language) in choice.language.values.sorted(by: { $0.key < $1.key }) {
            let profile = model.profile(ofTimeline: kind)
            guard profile.style != .instructionTuned else { continue }
            throw ApplicationError(
                .configuration,
                "minutes.language: \(profile.name) cannot be told to write \(language), since it is no chat model: set "
                    + "it to none, or use an instruction-tuned Gemma without an adapter for these meetings")
        }
    }
}
