/// What a template shows by a name.
enum TemplateValue: Sendable {
    /// Shown as nothing.
    case nothing
    case text(String)
    case flag(Bool)
    case list([TemplateValue])
    case scope([String: TemplateValue])

    /// Whether a section of it is shown.
    var isThere: Bool {
        switch self {
        case .nothing: false
        case .text(let text): !text.isEmpty
        case .flag(let flag): flag
        case .list(let values): !values.isEmpty
        case .scope: true
        }
    }

    /// What it has of that name, which may be nothing; nil if it has no such name.
    subscript(_ name: String) -> TemplateValue? {
        if case .scope(let values) = self { values[name] } else { nil }
    }
}

/// What a template can show.
protocol TemplateShown: Sendable {
    var templateValue: TemplateValue { get }
}

/// A struct whose stored properties a template can name.
protocol TemplateScope: TemplateShown {}

extension TemplateScope {
    /// All properties are there, those that are nil as nothing: a name of a scope is not looked for further outside, or
    /// a whole meeting's quotes would be shown as those of somebody who said nothing quotable.
    var templateValue: TemplateValue {
        var values: [String: TemplateValue] = [:]
        for property in Mirror(reflecting: self).children {
            guard let name = property.label, let value = property.value as? any TemplateShown else {
                preconditionFailure("a template cannot show \(property)")
            }
            values[name] = value.templateValue
        }
        return .scope(values)
    }
}

extension TemplateValue: TemplateShown {
    var templateValue: TemplateValue { self }
}

extension String: TemplateShown {
    var templateValue: TemplateValue { .text(self) }
}

extension Int: TemplateShown {
    var templateValue: TemplateValue { .text("\(self)") }
}

extension Bool: TemplateShown {
    var templateValue: TemplateValue { .flag(self) }
}

extension Array: TemplateShown where Element: TemplateShown {
    var templateValue: TemplateValue { .list(map { $0.templateValue }) }
}

extension Optional: TemplateShown where Wrapped: TemplateShown {
    var templateValue: TemplateValue { map { $0.templateValue } ?? .nothing }
}

extension Labels: TemplateShown {
    /// Every label without arguments, by its key.
    var templateValue: TemplateValue {
        .scope(Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, .text(self[$0])) }))
    }
}

/// What a template can do with a name.
indirect enum TemplateField: Equatable, Sendable {
    /// Show it, or ask whether it is there.
    case text
    /// Ask.
    case flag
    /// Open it, and name what it has.
    case scope([String: TemplateField])

    /// The field that `value` is; everything in it has to have a value, all lists an element.
    init(of value: TemplateValue) {
        switch value {
        case .nothing: preconditionFailure("the sample lacks a value")
        case .text: self = .text
        case .flag: self = .flag
        case .list(let values):
            guard let first = values.first else { preconditionFailure("the sample lacks an element") }
            self = TemplateField(of: first)
        case .scope(let values): self = .scope(values.mapValues(TemplateField.init(of:)))
        }
    }
}
