extension String {
    /// At most so many characters and bytes of UTF-8 of it: cut after a word if there is one in the second half, with an
    /// ellipsis in place of the rest.
    package func shortened(toCharacters characters: Int, bytes: Int) -> String {
        // Every character has a byte.
        guard utf8.count > min(characters, bytes), utf8.count > bytes || count > characters else {
            return self
        }
        let ellipsis = "…"
        var (end, used) = (startIndex, ellipsis.utf8.count)
        for index in indices.prefix(max(0, characters - 1)) {
            let next = self.index(after: index)
            used += utf8.distance(from: index, to: next)
            guard used <= bytes else { break }
            end = next
        }
        let kept = self[..<end]
        let word = kept.lastIndex(of: " ").map { kept[..<$0] } ?? kept
        return String(word.utf8.count * 2 > kept.utf8.count ? word : kept) + ellipsis
    }
}
