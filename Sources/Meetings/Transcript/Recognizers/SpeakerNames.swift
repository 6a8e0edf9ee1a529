/// Who the labels of a document's speakers stand for, where it says so in a place of its own.
struct SpeakerNames {
    private var names: [String: String] = [:]
    /// The labels of words that have none themselves, by when the words begin, in milliseconds.
    private var labels: [Int: String] = [:]

    private static let lists: Set<String> = [
        "speakers", "participants", "users", "parties", "people", "attendees", "members", "speakerlist",
        "speakernames", "speakermap", "speakermapping",
    ]
    private static let identifiers: Set<String> = [
        "id", "speakerid", "spkid", "participantid", "userid", "label", "speaker", "speakerlabel", "key",
    ]
    private static let spelledNames: Set<String> = [
        "name", "speakername", "displayname", "realname", "fullname", "participantname", "username",
    ]
    private static let depthLimit = 3
    private static let listLimit = 500

    /// None.
    init() {}

    init(_ document: JSONNode) {
        takeNames(document, depth: 0)
        takeLabels(document)
    }

    /// The name for a label; nil if the document gives none.
    func name(of label: JSONNode) -> String? {
        names.isEmpty ? nil : label.identifier.flatMap { names[$0] }
    }

    /// The label of the word that begins then; nil if there is none.
    func speaker(at start: Double) -> String? { labels[Self.key(start)] }

    private static func key(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

    // MARK: - Names

    private mutating func takeNames(_ node: JSONNode, depth: Int) {
        guard node.isObject, depth <= Self.depthLimit else { return }
        for (name, value) in zip(node.names, node.values) {
            if Self.lists.contains(SegmentSearch.plain(name)) {
                for entry in (value.array ?? []).prefix(Self.listLimit) { takePerson(entry) }
                if value.isObject { takeTable(value) }
            } else if value.isObject {
                takeNames(value, depth: depth + 1)
            }
        }
    }

    private mutating func takePerson(_ entry: JSONNode) {
        guard entry.isObject else { return }
        let members = zip(entry.names.map(SegmentSearch.plain), entry.values)
        guard
            let name = members.first(where: { Self.spelledNames.contains($0.0) && $0.1.text != nil })?.1.text
        else { return }
        for (key, value) in members where Self.identifiers.contains(key) {
            if let id = value.identifier { names[id] = name }
        }
    }

    /// Takes `{"spk_0": "Ada"}`.
    private mutating func takeTable(_ node: JSONNode) {
        let entries = zip(node.names, node.values).prefix(Self.listLimit).compactMap { label, value in
            (value.text ?? (value.isObject ? value["name"]?.text : nil)).map { (label, $0) }
        }
        let areDistinct = Set(entries.map(\.1)).count == entries.count
        for (label, name) in entries
        where Self.isCode(label) || (areDistinct && Self.mayStand(label, for: name)) {
            names[label] = name
        }
    }

    /// Whether nobody is called that: a number, a letter, or an identifier.
    private static func isCode(_ label: String) -> Bool {
        label.count <= 2 || label.contains { $0.isNumber || $0 == "_" } || SpeakerName.isNumbered(label)
    }

    /// Whether a word may stand for a name, such as `host` for `Ada`.
    private static func mayStand(_ label: String, for name: String) -> Bool {
        label.first?.isLowercase == true && name.first?.isLowercase == false
            && SpeakerName.checked(name, isLoose: true) != nil
    }

    // MARK: - Labels

    /// AWS's words have their labels in `speaker_labels.segments[].items[]`, IBM's in `speaker_labels[]`.
    private mutating func takeLabels(_ document: JSONNode) {
        for segment in document["results"]?["speaker_labels"]?["segments"]?.array ?? [] {
            for item in segment["items"]?.array ?? [] {
                take(item["start_time"], item["speaker_label"] ?? segment["speaker_label"])
            }
        }
        for label in document["speaker_labels"]?.array ?? [] { take(label["from"], label["speaker"]) }
    }

    private mutating func take(_ start: JSONNode?, _ label: JSONNode?) {
        guard let start = start?.seconds, let label = label?.speaker() else { return }
        labels[Self.key(start)] = label.hasPrefix("spk_") ? "Speaker \(label.dropFirst(4))" : label
    }
}
