import CICU

/// Names of time zones as Windows, and so Outlook, has them.
package enum WindowsZone {
    /// The identifier of a time zone that Windows calls `name`: of `W. Europe Standard Time` it is `Europe/Berlin`; nil
    /// if there is none.
    package static func identifier(of name: String) -> String? {
        guard name.utf8.count <= 100, !name.utf8.contains(0) else { return nil }
        let text = Language.text { cicu_zone_of_windows(name, $0, $1) }
        return text?.isEmpty == false ? text : nil
    }
}
