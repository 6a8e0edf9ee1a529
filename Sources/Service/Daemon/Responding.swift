/// A component that can get stuck, and can be asked for a sign of life.
package protocol Responding: Sendable {
    /// Returns as soon as the component is free; may take as long as a piece of its work.
    func respond() async
}
