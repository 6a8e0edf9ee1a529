import Crypto
import Foundation

/// The page's layout, looks and behaviour, which lie beside this file and are compiled into the program.
struct PageFiles: Sendable {
    /// The layout; see ``PageContent`` for what it names.
    let template: Template
    let style: HTMLText
    let script: HTMLText
    /// Allows this style and this script and nothing else: nothing is fetched, and a script that got into the page
    /// against all care does not run.
    let policy: HTMLText

    static let shared = PageFiles()

    private init() {
        let style = String(decoding: PackageResources.page_css, as: UTF8.self)
        let script = String(decoding: PackageResources.page_js, as: UTF8.self)
        do {
            template = try Template(
                String(decoding: PackageResources.page_mustache, as: UTF8.self), fields: nil)
        } catch {
            preconditionFailure("the page's template is broken: \(error)")
        }
        self.style = HTMLText(markup: style)
        self.script = HTMLText(markup: script)
        policy = HTMLText(
            markup:
                "default-src 'none'; style-src '\(Self.digest(style))'; script-src '\(Self.digest(script))'; "
                + "base-uri 'none'; form-action 'none'")
    }

    /// How a Content-Security-Policy names an inline text.
    private static func digest(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
