import ArgumentParser
import Foundation
import Gemma
import Settings

/// The parts of the bench.
enum BenchSection: String, CaseIterable, ExpressibleByArgument, Sendable {
    // In the order in which they are run: a start is only cold before anything else was done.
    case start, memory, prefill, decode, lookup, latency, intake, minutes, search
}

/// `minutelab bench`: how fast a model runs here, and how much of the machine that takes.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how fast a model runs on this machine.",
        discussion: """
            start: from nothing to the first token, before there is a file of repacked weights (first), with \
            all files on disk (cold) and in memory (warm); and behind a long text, saved before or not. \
            memory: the process's peak. prefill: tokens at once, into an empty cache and after 4096 others. \
            decode: several sequences together. lookup: summaries of windows of the texts, with and without \
            drafts looked up in them. latency: from a window's end to the first token of its summary, in \
            meetings of several lengths. intake: utterances a second over the socket, each acknowledged when \
            it is durable, and the memory that takes. minutes: processor time of writing the minutes of a \
            meeting that goes on, by its length. search: answers from a ledger of 10,000 meetings and 10 \
            million words, and the size of its index.

            Each figure is the median of several repetitions. Before them the machine's own limits are \
            measured: bytes read from memory, and 8-bit multiplications and additions, in a second. Prefill \
            is set against the latter, counting the products of the layers (not attention, nor the head); \
            decoding against the former, counting the weights in the file once for each pass and the cache \
            of each sequence. The folder for temporary files (TMPDIR) needs room for the repacked weights.
            """)

    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Option(help: "Threads; as many as this process may use if not given.")
    var threads: Int?

    @Option(help: "Measure this part only (\(BenchSection.names)); can be given several times.")
    var only: [BenchSection] = []

    @Option(
        help:
            "Measure prefill and decode behind so many tokens; can be given several times. Default: 0, 4096.")
    var depth: [Int] = []

    @Option(help: "A transcript to summarise; can be given several times. Default: examples/*.txt.")
    var text: [String] = []

    @Option(help: "How often each figure is measured; 5 if not given, 2 with --quick.")
    var repetitions: Int?

    @Option(name: .customLong("csv"), help: "Write the figures to this file, too.")
    var csvPath: String?

    @Flag(help: "Fewer cases and repetitions, to see whether it runs.")
    var quick = false

    func validate() throws {
        if let repetitions, !(1...1000).contains(repetitions) {
            throw ValidationError("--repetitions \(repetitions) is not usable: take 1 to 1000")
        }
        if let depth = depth.first(where: { !(0...1_000_000).contains($0) }) {
            throw ValidationError("--depth \(depth) is not usable: take 0 to 1000000")
        }
    }

    func run() async throws {
        let repetitions = repetitions ?? (quick ? 2 : 5)
        let texts = try text.isEmpty ? Self.exampleTexts() : text
        var setup = BenchSetup(
            modelPath: model, threads: threads, repetitions: repetitions, isQuick: quick,
            depths: depth.isEmpty ? [0, 4096] : depth,
            transcripts: try texts.map(BenchTranscript.init(path:)),
            limits: try MachineLimits(threads: threads, repetitions: repetitions))
        let header = try header(setup)
        for line in header { print(line) }
        print("\n" + BenchTable.heading)
        var figures: [BenchFigure] = []
        func add(_ figure: BenchFigure) {
            print(BenchTable.line(figure))
            figures.append(figure)
        }
        setup.limitFigures("at the start").forEach(add)
        for section in BenchSection.allCases where only.isEmpty || only.contains(section) {
            // Measured again, since the load of the machine changes.
            if section == .prefill || section == .decode {
                setup.limits = try MachineLimits(threads: threads, repetitions: repetitions)
                setup.limitFigures("before \(section.rawValue)").forEach(add)
            }
            try await setup.measure(section, onFigure: add)
        }
        if let csvPath {
            try Data(BenchTable.csv(header: header, figures: figures).utf8)
                .write(to: URL(filePath: csvPath), options: .atomic)
        }
    }

    /// The conditions under which figures can be compared.
    private func header(_ setup: BenchSetup) throws -> [String] {
        let model = try GemmaModel(path: model)
        return [
            "minutelab bench, version \(Release.version)",
            "cpu: \(Self.cpuName), \(setup.limits.threadCount) threads, load average before: \(Self.load)",
            "model: \(URL(filePath: self.model).lastPathComponent) (\(model.configuration.name)), "
                + "\(model.elementTypes.joined(separator: " ")), \(model.weightBytes >> 20) MiB, "
                + "\(model.configuration.multiplyAccumulatesPerToken / 1_000_000) M multiply-adds per token",
        ]
    }

    private static var cpuName: String {
        // Ignored: without it the architecture has to do.
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        #if arch(x86_64)
        let architecture = "x86-64"
        #elseif arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "unknown"
        #endif
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? architecture
    }

    /// The load of other processes; if it is high, the figures are not reliable.
    private static var load: String {
        // Ignored: where there is no such file, nothing is known.
        let averages = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        return averages?.split(separator: " ").first.map(String.init) ?? "unknown"
    }

    private static func exampleTexts() throws -> [String] {
        // Ignored: that there is no such folder is said below.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "examples")) ?? []
        let paths = names.filter { $0.hasSuffix(".txt") }.sorted().map { "examples/" + $0 }
        guard !paths.isEmpty else {
            throw ValidationError("there is no examples/*.txt here: name transcripts with --text")
        }
        return paths
    }
}

extension BenchSection {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
