/// Where an engine keeps its repacked weights; see ``InferenceEngine/Options/packedWeightsFolders``.
package enum PackedWeightsStorage: Sendable, Hashable {
    /// Nothing was repacked, because of the weights' element types or the options.
    case none
    /// In this process's memory, repacked at this start; `reason` says why there is no file if there should be one.
    case memory(reason: String?)
    /// In a file that was written at this start.
    case written(path: String)
    /// In a file that existed already.
    case mapped(path: String)
}
