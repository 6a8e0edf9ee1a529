import Mustache

/// Values that a template can name: the stored properties of a struct.
protocol TemplateScope: MustacheParent, Sendable {}

extension TemplateScope {
    /// The property of that name.
    ///
    /// One that is nil is found too, as nothing: Mustache would look for the name further outside otherwise, and show a
    /// whole meeting's quotes as those of somebody who said nothing quotable.
    func child(named name: String) -> Any? {
        guard let property = Mirror(reflecting: self).children.first(where: { $0.label == name }) else {
            return nil
        }
        return unwrapped(property.value) ?? TemplateNothing()
    }
}

extension Labels: TemplateScope {
    /// The label of that key, if it has no arguments.
    func child(named name: String) -> Any? { Key(rawValue: name).map { self[$0] } }
}

/// Renders as nothing, and is false.
private struct TemplateNothing: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
}

/// What a template can do with a name.
indirect enum TemplateField: Equatable, Sendable {
    /// Show it, or ask whether it is there.
    case text
    /// Ask.
    case flag
    /// Open it, and name what it has.
    case scope([String: TemplateField])

    /// The field that `value` is; all optionals in it have to have a value, all arrays an element.
    init(of value: Any) {
        guard let value = unwrapped(value) else { preconditionFailure("the sample lacks a value") }
        if value is Bool {
            self = .flag
        } else if value is String || value is Int {
            self = .text
        } else if value is Labels {
            self = .scope(Dictionary(uniqueKeysWithValues: Labels.Key.allCases.map { ($0.rawValue, .text) }))
        } else if let array = value as? [Any] {
            guard let first = array.first else { preconditionFailure("the sample lacks an element") }
            self = TemplateField(of: first)
        } else {
            self = .scope(
                Dictionary(
                    uniqueKeysWithValues: Mirror(reflecting: value).children.compactMap { child in
                        child.label.map { ($0, TemplateField(of: child.value)) }
                    }))
        }
    }
}

private func unwrapped(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional ? mirror.children.first.map(\.value) : value
}
