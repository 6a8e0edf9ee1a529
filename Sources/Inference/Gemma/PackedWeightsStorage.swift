/// Where an engine's repacked weights are; see ``InferenceEngine/Options/packedWeightsFolders``.
package enum PackedWeightsStorage: Sendable, Hashable {
    /// Nothing was repacked: the element types or the options do not ask for it.
    case none
    /// In memory of this process, repacked at this start; with a reason if there should have been a file.
    case memory(reason: String?)
    /// In this file, which was written at this start.
    case written(path: String)
    /// In this file, which was there.
    case mapped(path: String)
}
