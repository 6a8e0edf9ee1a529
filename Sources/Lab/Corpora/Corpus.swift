import Foundation

/// Examples for training and measuring, read from files.
///
/// Three kinds of data are known: DialogSum (`*.jsonl`, a dialogue a line), QMSum (`*.json`, a meeting a file) and
/// the user's own folder of transcripts with their minutes (``PairsReader`` says how the files are to be called).
package struct Corpus: Sendable, Hashable {
    /// How data is read.
    package struct Options: Sendable, Hashable {
        /// Whether marks of the transcribers are taken out (QMSum) and tokenised text is joined.
        package var isCleaned: Bool
        /// Which examples are taken.
        package var kinds: Set<CorpusExample.Kind>

        /// Makes options; everything is taken, and cleaned, by default.
        package init(
            isCleaned: Bool = true, kinds: Set<CorpusExample.Kind> = Set(CorpusExample.Kind.allCases)
        ) {
            self.isCleaned = isCleaned
            self.kinds = kinds
        }
    }

    /// In the order of the files' names, and within a file in its order.
    package var examples: [CorpusExample]
    /// Meetings with topics, in the order of the files' names.
    package var meetings: [CorpusMeeting]
    /// For people: what was left out, with counts.
    package var notes: [String]

    /// Makes a corpus from its parts.
    package init(examples: [CorpusExample] = [], meetings: [CorpusMeeting] = [], notes: [String] = []) {
        self.examples = examples
        self.meetings = meetings
        self.notes = notes
    }

    /// Reads the files and folders at `paths`, one after the other.
    ///
    /// A folder is read as QMSum if it has `*.json` files with meetings in it, as DialogSum if it has `*.jsonl` files
    /// of dialogues, else as pairs. Throws a refusal that names the file and the line if something is wrong, if two
    /// examples have the same id (a path was given twice), or if there is nothing of the wanted kinds.
    package static func read(_ paths: [String], options: Options = Options()) throws(CorporaError) -> Corpus {
        var corpus = Corpus()
        for path in paths { corpus.append(try read(path, options: options)) }
        corpus.examples.removeAll { !options.kinds.contains($0.kind) }
        var ids: Set<String> = []
        for example in corpus.examples where !ids.insert(example.id).inserted {
            throw CorporaError(
                .malformed,
                "two examples are called \(example.id): give each file once, and files of different names")
        }
        guard !corpus.examples.isEmpty else {
            throw CorporaError(
                .empty,
                "there is no example of kind \(options.kinds.map(\.rawValue).sorted().joined(separator: ", ")) in "
                    + paths.joined(separator: ", "))
        }
        return corpus
    }

    private static func read(_ path: String, options: Options) throws(CorporaError) -> Corpus {
        guard try CorpusFile.isFolder(path) else { return try readFile(path, options: options) }
        let names = try CorpusFile.names(in: path)
        let meetings = names.filter { $0.hasSuffix(".json") && !PairsReader.isMinutes($0) }
        if !meetings.isEmpty { return try readFiles(meetings, in: path, options: options) }
        let lines = names.filter { $0.hasSuffix(".jsonl") }
        if let first = lines.first, try DialogSumReader.recognises(try CorpusFile.text(path + "/" + first)) {
            return try readFiles(lines, in: path, options: options)
        }
        return try PairsReader.read(folder: path)
    }

    private static func readFiles(_ names: [String], in folder: String, options: Options) throws(CorporaError)
        -> Corpus
    {
        var corpus = Corpus()
        for name in names { corpus.append(try readFile(folder + "/" + name, options: options)) }
        return corpus
    }

    private static func readFile(_ path: String, options: Options) throws(CorporaError) -> Corpus {
        if path.hasSuffix(".jsonl") {
            return try DialogSumReader.read(path, isCleaned: options.isCleaned)
        }
        if path.hasSuffix(".json") { return try QMSumReader.read(path, isCleaned: options.isCleaned) }
        throw CorporaError(
            .unknownKind,
            "\(path) is no data that is known here: give DialogSum as .jsonl, QMSum as .json, or a folder with "
                + "NAME.vtt (or .txt, .srt, .jsonl) and NAME.minutes.txt (or .md, .json)")
    }

    private mutating func append(_ other: Corpus) {
        examples += other.examples
        meetings += other.meetings
        notes += other.notes
    }
}
