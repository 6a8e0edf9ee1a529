import Language
import Summaries

/// Pieces of a rendering, kept so that the next rendering can use those that have not changed.
///
/// A piece depends on its key alone, so rendering with kept pieces gives the same result as rendering from nothing.
/// Only the pieces that the last rendering used are kept, so they take no more room than the minutes do.
final class KeptPieces<Key: Hashable, Piece> {
    private var pieces: [Key: (piece: Piece, rendering: Int)] = [:]
    private var rendering = 0
    private var usedCount = 0

    /// The piece for `key`; `make` is called if it is not kept.
    func piece(of key: Key, make: () throws -> Piece) rethrows -> Piece {
        if let place = pieces.index(forKey: key) {
            if pieces.values[place].rendering != rendering {
                pieces.values[place].rendering = rendering
                usedCount += 1
            }
            return pieces.values[place].piece
        }
        let piece = try make()
        pieces[key] = (piece, rendering)
        usedCount += 1
        return piece
    }

    /// Ends a rendering: pieces that it did not use are dropped.
    func endRendering() {
        if usedCount < pieces.count {
            let last = rendering
            pieces = pieces.filter { $0.value.rendering == last }
        }
        (rendering, usedCount) = (rendering + 1, 0)
    }
}

/// The rendered pieces of one meeting's minutes, to be used again at the next rendering.
///
/// With them a refresh costs only what is new, however long the meeting is. Without them, as after a restart,
/// everything is rendered, with the same result.
package final class MinutesPieces {
    let json = JSONPieces()
    private(set) var markdown = MarkdownPieces()
    private(set) var page = PagePieces()
    private var language: LanguageCode?

    /// Nothing is kept yet.
    package init() {}

    /// Drops the pieces with labels if the language of the minutes has changed.
    func prepare(for document: MinutesDocument) {
        guard document.labels.language != language else { return }
        language = document.labels.language
        (markdown, page) = (MarkdownPieces(), PagePieces())
    }
}
