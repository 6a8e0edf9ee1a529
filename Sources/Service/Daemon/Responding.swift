/// Something with a thread of its own that can get stuck, and that can be asked whether it did.
package protocol Responding: Sendable {
    /// Returns when it comes around; may take as long as a piece of its work.
    func respond() async
}
