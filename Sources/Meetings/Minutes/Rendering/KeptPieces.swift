import Language
import Summaries

/// Pieces of a rendering that the next one uses again where it shows the same.
///
/// A piece is worked out from its key alone, so a rendering with kept pieces gives what one from nothing gives. Only the
/// pieces that the last rendering used are kept: no more than the minutes show.
final class KeptPieces<Key: Hashable, Piece> {
    private var pieces: [Key: (piece: Piece, rendering: Int)] = [:]
    private var rendering = 0
    private var usedCount = 0

    /// The piece of `key`, which `make` makes if it is not kept.
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

    /// Ends a rendering: the pieces that it did not use are forgotten.
    func endRendering() {
        if usedCount < pieces.count {
            let last = rendering
            pieces = pieces.filter { $0.value.rendering == last }
        }
        (rendering, usedCount) = (rendering + 1, 0)
    }
}

/// What was rendered of a meeting's minutes and can be used again at the next rendering.
///
/// A refresh of the minutes of a long meeting so costs what is new. Without it, and after a restart, everything is
/// rendered, with the same result.
package final class MinutesPieces {
    let json = JSONPieces()
    private(set) var markdown = MarkdownPieces()
    private(set) var page = PagePieces()
    private var language: LanguageCode?

    /// Nothing is kept yet.
    package init() {}

    /// Forgets what has the labels of another language than those of `document`.
    func prepare(for document: MinutesDocument) {
        guard document.labels.language != language else { return }
        language = document.labels.language
        (markdown, page) = (MarkdownPieces(), PagePieces())
    }
}
