extension GemmaLanguageModel {
    /// Opens the model that the settings name.
    public convenience init(_ settings: Settings.Model) throws {
        try self.init(
            path: settings.path,
            options: Options(
                contextLength: settings.contextLength, threads: settings.threads, style: settings.style))
    }
}
