import Foundation
import Synchronization

/// What a model wrote for one example.
struct EvaluateAnswer: Codable, Sendable {
    /// A key for the model, the prompt and the options of decoding.
    var key: String
    var system: String
    var id: String
    /// Without blanks at its ends.
    var text: String
    /// Why it ended: `stopToken`, `stopText`, `limit`.
    var end: String
    var promptTokens: Int
    var answerTokens: Int
    /// Utterances that did not fit into the context.
    var droppedUtterances: Int
}

/// Answers on disk, so that a run that was stopped goes on: a line of JSON each.
final class EvaluateAnswerFile: Sendable {
    static let name = "answers.jsonl"

    // Guards: answers come from several tasks.
    private let state: Mutex<(known: [String: EvaluateAnswer], file: FileHandle?)>

    /// Opens the file in `folder`, or keeps answers in memory only if there is no folder.
    ///
    /// A last line that was not written whole is taken off.
    init(folder: String?) throws {
        var known: [String: EvaluateAnswer] = [:]
        var file: FileHandle?
        if let folder {
            let url = URL(filePath: folder).appending(path: Self.name)
            let path = url.path(percentEncoded: false)
            let data = FileManager.default.contents(atPath: path) ?? Data()
            let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data[...$0] } ?? Data()
            for line in whole.split(separator: UInt8(ascii: "\n")) {
                // Ignored: what cannot be read is answered again.
                guard let answer = try? JSONDecoder().decode(EvaluateAnswer.self, from: line) else {
                    continue
                }
                known[answer.key] = answer
            }
            if data.isEmpty { try Data().write(to: url) }
            file = try FileHandle(forUpdating: url)
            try file?.truncate(atOffset: UInt64(whole.count))
        }
        let opened = file
        state = Mutex((known, opened))
    }

    /// The answer that was given before.
    func answer(_ key: String) -> EvaluateAnswer? { state.withLock { $0.known[key] } }

    /// Keeps an answer.
    func add(_ answer: EvaluateAnswer) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(answer) + [UInt8(ascii: "\n")]
        try state.withLock { state in
            state.known[answer.key] = answer
            try state.file?.seekToEnd()
            try state.file?.write(contentsOf: line)
        }
    }
}
