import Foundation
import Language

/// Reads captions in XML: TTML (also called DFXP), and YouTube's `srv3` and `srv1`.
final class XMLCaptions {
    private enum Kind {
        case timedText, youTube
    }

    /// The elements by which a document is told to be captions.
    private static let roots = ["<tt ", "<tt>", ":tt ", "<timedtext", "<transcript>"]

    static func recognises(_ text: TranscriptText) -> Bool {
        let opening = String(decoding: text.bytes.prefix(4096), as: UTF8.self).trimmed
        return opening.hasPrefix("<") && roots.contains(where: opening.contains)
    }

    static func parse(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFile {
        let reader = XMLCaptions()
        let fault = XMLScanner.scan(text.bytes) { reader.take($0) }
        guard fault == nil || !reader.cues.isEmpty else {
            throw TranscriptError(
                .malformed,
                "\(name), line \(fault ?? 1), looks like captions in XML but is not: it may be cut off")
        }
        var notes = NoteCounter()
        if let fault { notes.count(.lineCutOff, line: fault) }
        let format: TranscriptFormat = reader.kind == .youTube ? .youTubeXML : .timedText
        let cues = reader.kind == .youTube ? reader.cues.withoutOverlaps : reader.cues
        var file = CueConversation.file(cues, format: format, name: name, notes: notes)
        file.title = reader.title.flatMap { $0.isEmpty ? nil : TranscriptFile.boundedTitle($0) }
        return file
    }

    private var kind = Kind.timedText
    private var cues: [Cue] = []
    private var title: String?
    private var agents: [String: String] = [:]
    private var agent: String?
    private var frameRate = 30.0
    private var tickRate = 1.0
    /// The text of the element at hand, if it is wanted.
    private var text: String?
    private var open: Cue?
    /// What `div` and `body` say for all that is in them.
    private var speakers: [String?] = []

    // MARK: - Elements

    private func take(_ event: XMLScanner.Event) {
        switch event {
        case .start(let element, let attributes, let line): start(element, attributes, line)
        case .text(let characters): text?.append(characters)
        case .end(let element): end(element)
        }
    }

    private func start(_ element: String, _ attributes: [String: String], _ line: Int) {
        let local = Self.local(element)
        func attribute(_ names: String...) -> String? {
            names.lazy.compactMap { name in attributes.first { Self.local($0.key) == name }?.value }.first
        }
        switch local {
        case "timedtext", "transcript": kind = .youTube
        case "tt":
            frameRate = rate(attribute("frameRate")) ?? frameRate
            tickRate = rate(attribute("tickRate")) ?? tickRate
        case "agent": agent = attribute("id")
        case "title", "name": text = ""
        case "body", "div": speakers.append(attribute("agent") ?? speakers.last ?? nil)
        case "p", "text":
            let timing =
                kind == .youTube
                ? youTubeTiming(attribute("t"), attribute("d"), attribute("start"), attribute("dur"))
                : timing(attribute("begin"), attribute("end"), attribute("dur"))
            open = Cue(
                timing: timing, speaker: name(attribute("agent") ?? speakers.last ?? nil), text: "",
                line: line)
            text = ""
        case "br": text?.append("\n")
        case "span":
            if let name = name(attribute("agent")), text?.trimmed.isEmpty == true { open?.speaker = name }
        default: break
        }
    }

    private func end(_ element: String) {
        switch Self.local(element) {
        case "title" where open == nil:
            title = title ?? text?.collapsed
            text = nil
        case "name" where open == nil:
            if let agent, let name = text?.collapsed, !name.isEmpty { agents[agent] = name }
            text = nil
        case "body", "div": if !speakers.isEmpty { speakers.removeLast() }
        case "p", "text":
            if var cue = open, let text, !text.trimmed.isEmpty {
                // Line breaks are elements in TTML, but characters at YouTube.
                cue.text =
                    kind == .youTube
                    ? text : text.split(separator: "\n").map(\.trimmed).joined(separator: "\n")
                cues.append(cue)
            }
            (open, text) = (nil, nil)
        default: break
        }
    }

    private static func local(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private func name(_ agent: String?) -> String? {
        guard let agent = agent?.split(separator: " ").first.map(String.init) else { return nil }
        return agents[agent] ?? SpeakerName.bounded(agent)
    }

    // MARK: - Times

    private func rate(_ text: String?) -> Double? {
        text.flatMap(Double.init).flatMap { (1...1e12).contains($0) ? $0 : nil }
    }

    private func timing(_ begin: String?, _ end: String?, _ duration: String?) -> CueTiming? {
        guard let start = begin.flatMap(seconds) else { return nil }
        let end = end.flatMap(seconds) ?? duration.flatMap(seconds).map { start + $0 } ?? start
        return CueTiming(start: start, end: max(start, end))
    }

    /// Seconds of `00:00:01.500`, `00:00:01:12`, `1.5s`, `1500ms`, `36f` or `15000000t`.
    private func seconds(_ text: String) -> Double? {
        if let clock = ClockTime(text) { return clock.seconds }
        let units: [(String, Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("f", 1 / frameRate), ("t", 1 / tickRate),
        ]
        for (mark, unit) in units where text.hasSuffix(mark) {
            guard let number = Double(text.dropLast(mark.count)), number >= 0, number * unit < 1e7 else {
                return nil
            }
            return number * unit
        }
        return nil
    }

    private func youTubeTiming(_ t: String?, _ d: String?, _ start: String?, _ length: String?) -> CueTiming?
    {
        let unit = t == nil ? 1 : 0.001
        guard let begin = (t ?? start).flatMap(Double.init), begin >= 0, begin < 1e9 else { return nil }
        let duration = (d ?? length).flatMap(Double.init).flatMap { $0 >= 0 && $0 < 1e9 ? $0 : nil } ?? 0
        return CueTiming(start: begin * unit, end: (begin + duration) * unit)
    }
}
