extension Array {
    /// At most `count` elements, evenly spread, in order.
    func spread(_ count: Int) -> [Element] {
        guard count < self.count else { return self }
        return (0..<count).map { self[$0 * self.count / count] }
    }
}
