/// The value of a name in a template.
enum TemplateValue: Sendable {
    /// There is no value; nothing is shown.
    case nothing
    case text(String)
    case flag(Bool)
    case list([TemplateValue])
    case scope([String: TemplateValue])

    /// Whether a section for it is shown.
    var isThere: Bool {
        switch self {
        case .nothing: false
        case .text(let text): !text.isEmpty
        case .flag(let flag): flag
        case .list(let values): !values.isEmpty
        case .scope: true
        }
    }

    /// The value of a name in a scope, which may be `nothing`; nil if this is no scope or has no such name.
    subscript(_ name: String) -> TemplateValue? {
        if case .scope(let values) = self { values[name] } else { nil }
    }
}

/// A type whose values a template can show.
protocol TemplateShown: Sendable {
    var templateValue: TemplateValue { get }
}

/// A struct whose stored properties a template can name.
protocol TemplateScope: TemplateShown {}

extension TemplateScope {
    /// Properties that are nil are included as `nothing`, so that their names are not looked up in an outer scope: the
    /// quotes of the whole meeting would be shown as those of a person who has none.
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
    /// The labels without arguments, by key.
    var templateValue: TemplateValue {
        .scope(Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, .text(self[$0])) }))
    }
}

/// What a template can do with a name.
indirect enum TemplateField: Equatable, Sendable {
    /// It can be shown, or opened as a section if it is there.
    case text
    /// It can only be opened as a section.
    case flag
    /// It can be opened as a section, in which these names can be used.
    case scope([String: TemplateField])

    /// The field for a sample value in which nothing is missing and no list is empty.
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
