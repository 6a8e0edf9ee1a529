import ArgumentParser
import Corpora
import Evaluation
import Foundation
import Settings

/// `minutelab evaluate`: how good summaries are, measured against what people wrote.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how good summaries are.",
        discussion: """
            Lets a model and simple baselines summarise the same examples, and compares what they write with what \
            people wrote. Data are DialogSum (.jsonl), QMSum (.json, or a folder of them), or a folder of your own \
            with NAME.vtt (.txt, .srt, .jsonl) and NAME.minutes.md (.txt, .json).

            Answers are decoded greedily, \(Evaluate.atOnceDefault) at a time. With --report they are kept in the \
            folder, and a run that was stopped goes on where it was. The report has tables in Markdown and CSV and \
            plots in SVG.

            Finished minutes are measured with --transcript FILE --minutes minutes.json, without a model. The check \
            that decides which sentences minutes show is measured with --notes FOLDER, in each language: NAME.txt has \
            a meeting's windows, NAME.json what people noted of them, with the turns that bear it out. What a model \
            itself notes of such meetings is measured with --noted FOLDER; with --report, sheet.jsonl lists what would \
            be shown, for people to judge, and weighed.jsonl what each sentence was found worth.

            How minutectl ask answers is measured with --questions PATH on QMSum's specific questions; with --report, \
            questions.jsonl has each with its answer. Without a model they are answered by words alone.
            """)

    static let atOnceDefault = 8

    @Argument(help: "A GGUF file, or a Hugging Face folder; without it only the baselines are measured.")
    var model: String?

    @Option(parsing: .upToNextOption, help: "Files and folders of examples.")
    var data: [String] = []

    @Option(parsing: .upToNextOption, help: "Which examples: \(CorpusExample.Kind.names).")
    var kinds: [CorpusExample.Kind] = [.dialogue, .query, .pair]

    @Option(help: "Take so many examples of each kind, evenly spread over the data.")
    var limit: Int?

    @Option(
        help: """
            Which systems, with commas between them: \(EvaluatedSystem.names). Default: the baselines, and with a model that as well.
            """)
    var systems: CommaList<EvaluatedSystem>?

    @Option(
        help:
            "How examples are put to the model: \(PromptFormat.names). Default: as the adapter was trained, else dialogsum for dialogues and tuned for meetings."
    )
    var prompt: PromptFormat?

    @Option(parsing: .upToNextOption, help: "Files and folders that fewshot takes its examples from.")
    var shotsFrom: [String] = []

    @Option(help: "How many examples fewshot shows.")
    var shots = 2

    @Option(help: "Examples that are answered at the same time.")
    var atOnce = Self.atOnceDefault

    @Flag(inversion: .prefixedNo, help: "Compare Porter's stems instead of words.")
    var stem = true

    @Flag(help: "Leave the marks of QMSum's transcribers in, and the tokens of both corpora apart.")
    var raw = false

    @Flag(
        help:
            "In what was written, call two speakers who have numbers by the names that they use for each other."
    )
    var nameSpeakers = false

    @Option(help: "For the bootstrap intervals and the choice of fewshot's examples.")
    var seed: UInt32 = 1

    @Option(help: "A folder for the report and the answers.")
    var report: String?

    @Option(help: "The transcript of finished minutes; can be given several times.")
    var transcript: [String] = []

    @Option(help: "Its minutes.json; as many as transcripts.")
    var minutes: [String] = []

    @Option(
        parsing: .upToNextOption, help: "Folders of meetings with notes that people took window by window.")
    var notes: [String] = []

    @Option(help: "Hold notes against so many neighbouring windows together.")
    var joinedWindows = 1

    @Option(
        parsing: .upToNextOption,
        help: "Folders of meetings with notes, whose windows the model notes as the daemon would.")
    var noted: [String] = []

    @Option(parsing: .upToNextOption, help: "Meetings of QMSum whose questions are asked.")
    var questions: [String] = []

    @Option(help: "So many questions are asked of their own meeting.")
    var answerable = EvaluateQuestions.Counts().answerable

    @Option(help: "So many questions are asked of a meeting that does not come to their subject.")
    var unanswerable = EvaluateQuestions.Counts().unanswerable

    @OptionGroup(title: "Decoding") var decoding: EvaluateDecoding

    @OptionGroup var engine: EvaluateEngineOptions

    func validate() throws {
        func check(_ holds: Bool, _ what: String) throws { if !holds { throw ValidationError(what) } }
        try check(
            !data.isEmpty || !minutes.isEmpty || !notes.isEmpty || !noted.isEmpty || !questions.isEmpty,
            "say what to measure: --data PATH, --notes FOLDER, --noted FOLDER, --questions PATH, or --transcript and --minutes"
        )
        try check(noted.isEmpty || model != nil, "--noted needs a MODEL")
        try check(
            answerable >= 0 && unanswerable >= 0, "--answerable and --unanswerable must not be negative")
        try check(joinedWindows > 0, "--joined-windows must be at least 1")
        try check(
            transcript.count == minutes.count, "give a --minutes for each --transcript, in the same order")
        try check(limit.map { $0 > 0 } ?? true, "--limit must be at least 1")
        try check((1...16).contains(atOnce), "--at-once \(atOnce) is not usable: take 1 to 16")
        try check((1...16).contains(shots), "--shots \(shots) is not usable: take 1 to 16")
        let wanted = wantedSystems
        try check(
            model != nil || !wanted.contains { $0.isModel },
            "\(wanted.filter(\.isModel).map(\.rawValue).joined(separator: " and ")) needs a MODEL")
        try check(
            engine.adapter.isEmpty || wanted.contains(.model),
            "--adapter is for the system model: add it to --systems")
        try check(
            !wanted.contains(.fewshot) || !shotsFrom.isEmpty,
            "fewshot needs --shots-from PATH, the training part of the data")
    }

    var wantedSystems: [EvaluatedSystem] {
        systems?.elements ?? EvaluatedSystem.baselines + (model == nil ? [] : [.model])
    }

    func run() async throws {
        var result = ScoreReport(facts: [], sections: [], seed: seed)
        result.comparedSystem = EvaluatedSystem.model.rawValue
        result.facts = [
            .init("version", Release.version), .init("command", Self.command), .init("seed", String(seed)),
        ]
        if let folder = report {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        if !data.isEmpty { try await measureExamples(&result) }
        for (transcript, minutes) in zip(transcript, minutes) {
            result.tables.append(try EvaluateMinutes(transcript: transcript, minutes: minutes).table())
        }
        if !notes.isEmpty {
            let meetings = try notes.flatMap(NotedMeeting.read(folder:))
            result.tables.append(EvaluateNotes(meetings, joined: joinedWindows, seed: seed).table())
        }
        var sheets: [(name: String, text: String)] = []
        if let model, !noted.isEmpty {
            let measured = try await EvaluateNoted(
                noted.flatMap(NotedMeeting.read(folder:)), model: engine.languageModel(path: model))
            result.tables.append(measured.table())
            sheets = try measured.files()
        }
        if !questions.isEmpty {
            let asked = try await EvaluateQuestions(
                questions, counts: .init(answerable: answerable, unanswerable: unanswerable), seed: seed,
                model: model.map(engine.languageModel))
            result.tables.append(asked.table())
            sheets += try asked.files()
        }
        print(result.markdown, terminator: "")
        if let folder = report {
            for sheet in sheets {
                try Data(sheet.text.utf8).write(
                    to: URL(filePath: folder).appending(path: sheet.name), options: .atomic)
            }
            for file in result.files {
                try Data(file.content.utf8).write(
                    to: URL(filePath: folder).appending(path: file.name), options: .atomic)
            }
        }
    }

    private func measureExamples(_ result: inout ScoreReport) async throws {
        let corpus = try Corpus.read(data, options: .init(isCleaned: !raw, kinds: Set(kinds)))
        let examples = kinds.reduce(into: [CorpusExample.Kind: [CorpusExample]]()) {
            examples, kind in
            examples[kind] = corpus.examples.filter { $0.kind == kind }.spread(limit ?? .max)
        }
        let count = examples.values.reduce(0) { $0 + $1.count }
        result.facts += [
            .init("data", data.joined(separator: ", ")), .init("examples", String(count)),
            .init("fingerprint of the examples", Fingerprint(examples).text),
            .init("cleaned", raw ? "no" : "yes"), .init("speakers named", nameSpeakers ? "yes" : "no"),
            .init("ROUGE compares", stem ? "stems" : "words"),
        ]
        result.notes += corpus.notes
        var writer: EvaluateWriter?
        if let model, wantedSystems.contains(where: \.isModel) {
            writer = try await EvaluateWriter(
                engine: engine.engine(model: model), adapterPaths: engine.adapter, reportFolder: report,
                decoding: decoding, atOnce: atOnce)
            result.facts += writer?.facts ?? []
        }
        for kind in CorpusExample.Kind.allCases {
            guard let own = examples[kind], !own.isEmpty else { continue }
            let setup = EvaluateSection(
                kind: kind, examples: own, systems: wantedSystems,
                format: prompt ?? writer?.trainedFormat ?? kind.usualFormat,
                untunedFormat: prompt ?? kind.usualFormat,
                shots: try wantedSystems.contains(.fewshot) ? shots(for: kind) : [],
                namesSpeakers: nameSpeakers, isStemmed: stem, seed: seed)
            result.facts += setup.facts
            let measured = try await setup.measure(writer: writer)
            result.sections.append(measured.section)
            result.tables += measured.tables
            result.notes += measured.notes
        }
        if corpus.meetings.contains(where: { !$0.topics.isEmpty }) {
            result.tables.append(EvaluateSegmentation.table(corpus.meetings))
        }
    }

    /// Examples of the same kind from the training data: short ones, so that several fit, chosen by the seed.
    private func shots(for kind: CorpusExample.Kind) throws -> [CorpusExample] {
        let corpus = try Corpus.read(shotsFrom, options: .init(isCleaned: !raw, kinds: [kind]))
        let byLength = corpus.examples.map {
            (example: $0, length: $0.source.reduce(0) { $0 + $1.text.utf8.count })
        }
        .sorted { ($0.length, $0.example.id) < ($1.length, $1.example.id) }
        // From the second quarter by length: the shortest are no examples of anything.
        let quarter = byLength.count / 4
        var candidates = byLength[quarter..<max(quarter + 1, byLength.count / 2)].map(\.example)
        var generator = MersenneTwister(seed: seed)
        candidates.shuffle(using: &generator)
        return Array(candidates.prefix(shots))
    }

    /// What was typed, so that it can be typed again.
    private static var command: String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,")
        return (["minutelab"] + CommandLine.arguments.dropFirst()).map { word in
            word.allSatisfy(plain.contains) && !word.isEmpty
                ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}

/// Values with commas between them, as an option's argument.
struct CommaList<Element: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
    var elements: [Element]

    init(_ elements: [Element]) { self.elements = elements }

    init?(argument: String) {
        elements = []
        for word in argument.split(separator: ",") {
            guard let element = Element(argument: String(word)) else { return nil }
            elements.append(element)
        }
        if elements.isEmpty { return nil }
    }

    var defaultValueDescription: String { elements.map { "\($0)" }.joined(separator: ",") }
}

extension CaseIterable where Self: RawRepresentable, RawValue == String {
    /// All values, for help texts.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
