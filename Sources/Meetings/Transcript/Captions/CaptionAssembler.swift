import Language

/// Makes settled utterances of results that supersede each other.
///
/// A result supersedes earlier ones of the same track that have the same id, or that it covers in time or words, since
/// the settled result for a stretch may have another id (as in AWS's own example). Settled results are returned at once;
/// if one is settled again with other words, that is a revision. Partial results that are never settled are returned at
/// the end, since somebody said them.
struct CaptionAssembler: Sendable, Codable {
    enum Change: Sendable, Equatable {
        /// An utterance that is final as far as is known.
        case settled(Utterance)
        /// A correction of an earlier utterance with the same id.
        case revised(Utterance)
    }

    private struct Settled: Sendable, Codable {
        var key: String
        var result: CaptionResult
    }

    /// Results that are not settled, oldest first.
    private var pending: [CaptionResult] = []
    /// The last settled results, oldest first.
    private var recent: [Settled] = []
    private var madeIDs = 0
    private var notes = NoteCounter()

    private enum CodingKeys: CodingKey {
        case pending, recent, madeIDs
    }

    /// The most partial results that may be open; if there are more, the oldest is taken as it is.
    private static let pendingLimit = 64
    private static let pendingBytesLimit = 1 << 18
    /// So many settled results, of so many bytes, are remembered when the connection is over.
    private static let rememberedLimit = 64
    private static let rememberedBytesLimit = 1 << 16
    /// The number of settled results that can still be revised.
    private static let recentLimit = 512
    /// The number of results back in which a result with another id may be the same one.
    private static let repetitionReach = 4

    mutating func take(_ result: CaptionResult) -> [Change] {
        var result = result
        result.spoken.removeAll { $0.text.isEmpty }
        var left: [CaptionResult] = []
        pending.removeAll { old in
            guard Self.supersedes(result, old) else { return false }
            if !old.isMeant(by: result) { left.append(old) }
            return true
        }
        return left.flatMap { settle($0) } + place(result)
    }

    private mutating func place(_ result: CaptionResult) -> [Change] {
        let line = result.spoken.first?.source.line ?? 1
        guard result.isFinal else {
            if let key = result.utteranceID(at: 0),
                recent.contains(where: { $0.key == key && $0.result.isMeant(by: result) })
            {
                notes.count(.partialAfterSettled, line: line)
                return []
            }
            guard !result.spoken.isEmpty else { return [] }
            pending.append(result)
            var changes: [Change] = []
            while pending.count > Self.pendingLimit || Self.byteCount(pending) > Self.pendingBytesLimit {
                changes += settle(pending.removeFirst())
            }
            return changes
        }
        guard !result.spoken.isEmpty else { return [] }
        if let key = result.utteranceID(at: 0), let index = recent.lastIndex(where: { $0.key == key }),
            recent[index].result.isMeant(by: result)
        {
            return revise(index, to: result)
        }
        if let (index, isSame) = earlierReading(of: result) {
            if isSame {
                notes.count(.resultRepeated, line: line)
                return []
            }
            return revise(index, to: result)
        }
        return settle(result)
    }

    /// Whether some results are not settled yet.
    var holdsBack: Bool { !pending.isEmpty }

    /// Returns the results that were never settled.
    mutating func finish() -> [Change] {
        let rest = pending
        pending = []
        for result in rest {
            notes.count(.resultNeverSettled, line: result.spoken.first?.source.line ?? 1)
        }
        return rest.flatMap { settle($0) }
    }

    /// The notes about the results so far; each is returned once.
    mutating func takeNotes() -> [Note] {
        defer { notes = NoteCounter() }
        return notes.notes
    }

    /// As a later connection of the same sender goes on with it.
    func remembered() -> CaptionAssembler {
        var copy = self
        copy.recent = recent.suffix(Self.rememberedLimit)
        while !copy.recent.isEmpty, Self.byteCount(copy.recent.map(\.result)) > Self.rememberedBytesLimit {
            copy.recent.removeFirst()
        }
        for index in copy.recent.indices { copy.recent[index].result.isOlder = true }
        for index in copy.pending.indices { copy.pending[index].isOlder = true }
        return copy
    }

    private static func byteCount(_ results: [CaptionResult]) -> Int {
        results.reduce(0) { $0 + $1.spoken.reduce(0) { $0 + $1.text.utf8.count } }
    }

    // MARK: - Settling

    private mutating func settle(_ result: CaptionResult) -> [Change] {
        var named = result
        if named.id == nil {
            madeIDs += 1
            named.id = "~\(madeIDs)"
        }
        for place in named.spoken.indices { named.spoken[place].id = named.utteranceID(at: place) }
        recent.append(Settled(key: named.utteranceID(at: 0) ?? "", result: named))
        if recent.count > Self.recentLimit { recent.removeFirst(recent.count - Self.recentLimit) }
        return named.spoken.map { .settled($0) }
    }

    private mutating func revise(_ index: Int, to result: CaptionResult) -> [Change] {
        let old = recent[index].result
        var new = result
        new.id = old.id
        // Pieces beyond the new ones stay: nothing that was recorded is removed.
        for place in new.spoken.indices {
            new.spoken[place].id = new.utteranceID(at: place)
            if old.spoken.indices.contains(place) {
                new.spoken[place].setTimes(
                    start: new.spoken[place].start ?? old.spoken[place].start,
                    end: new.spoken[place].end ?? old.spoken[place].end)
            }
        }
        recent[index].result = new
        var changes: [Change] = []
        for (place, utterance) in new.spoken.enumerated() {
            if !old.spoken.indices.contains(place) {
                changes.append(.settled(utterance))
            } else if old.spoken[place].text != utterance.text
                || old.spoken[place].speaker != utterance.speaker
            {
                changes.append(.revised(utterance))
            }
        }
        let line = result.spoken.first?.source.line ?? 1
        notes.count(changes.isEmpty ? .resultRepeated : .resultCorrected, line: line)
        return changes
    }

    // MARK: - Comparing

    private static func supersedes(_ new: CaptionResult, _ old: CaptionResult) -> Bool {
        guard new.track == old.track else { return false }
        if let id = new.id, let other = old.id {
            if id == other { return true }
            if new.hasStableID { return false }
        }
        if let times = new.times, let before = old.times {
            return min(times.upperBound, before.upperBound) - max(times.lowerBound, before.lowerBound) > 0
        }
        // Without ids and times there is only one stretch at a time.
        if new.id == nil, old.id == nil { return true }
        return WordOverlap.resembles(old.words, new.words)
    }

    /// An earlier settled result for the same stretch, with another id or without one, and with the same words or fewer.
    private func earlierReading(of result: CaptionResult) -> (index: Int, isSame: Bool)? {
        let words = result.words
        guard words.count >= WordOverlap.minimumWords, !result.hasStableID else { return nil }
        for index in recent.indices.suffix(Self.repetitionReach).reversed()
        where recent[index].result.track == result.track {
            let old = recent[index].result
            let before = old.words
            guard words == before || WordOverlap.grows(before, to: words), Self.isSameTime(old, result) else {
                continue
            }
            return (index, words == before)
        }
        return nil
    }

    /// Whether two results may be for the same stretch: their times overlap, or begin close together.
    private static func isSameTime(_ one: CaptionResult, _ other: CaptionResult) -> Bool {
        if let first = one.times, let second = other.times {
            let overlap =
                min(first.upperBound, second.upperBound) - max(first.lowerBound, second.lowerBound)
            let shorter = min(
                first.upperBound - first.lowerBound, second.upperBound - second.lowerBound)
            return overlap > 0 && overlap * 2 >= shorter
        }
        guard let first = one.spoken.first?.start, let second = other.spoken.first?.start else {
            return false
        }
        return abs(first - second) < 2
    }
}

/// The utterances of a whole stream of results.
struct CaptionCollector {
    private var assembler = CaptionAssembler()
    private(set) var utterances: [Utterance] = []
    private var places: [String: Int] = [:]

    /// Appends an utterance that no later one supersedes.
    mutating func add(_ utterance: Utterance) { utterances.append(utterance) }

    mutating func take(_ result: CaptionResult) { apply(assembler.take(result)) }

    /// Takes the results that were never settled; returns the notes about all results.
    mutating func finish() -> [Note] {
        apply(assembler.finish())
        return assembler.takeNotes()
    }

    private mutating func apply(_ changes: [CaptionAssembler.Change]) {
        for change in changes {
            switch change {
            case .settled(let utterance):
                if let id = utterance.id { places[id] = utterances.count }
                utterances.append(utterance)
            case .revised(let utterance):
                if let place = utterance.id.flatMap({ places[$0] }) {
                    utterances[place] = utterance
                } else {
                    utterances.append(utterance)
                }
            }
        }
    }
}
