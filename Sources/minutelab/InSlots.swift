/// Does `work` for each item, `count` of them at a time, each in a slot of its own, 0 and up; `progress` gets a step for
/// each that is done.
func inSlots<Item: Sendable>(
    _ count: Int, _ items: [Item], progress: inout EvaluateProgress,
    work: @escaping @Sendable (Item, _ slot: Int) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Int.self) { group in
        var next = items.makeIterator()
        func start(slot: Int) {
            guard let item = next.next() else { return }
            group.addTask {
                try await work(item, slot)
                return slot
            }
        }
        for slot in 0..<count { start(slot: slot) }
        for try await slot in group {
            progress.step()
            start(slot: slot)
        }
    }
    progress.end()
}
