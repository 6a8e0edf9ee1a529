import Crypto
import Foundation

/// The template, style sheet and script of the page: the files beside this one, compiled into the program.
struct PageFiles: Sendable {
    /// The template, whose values are in ``PageContent``.
    let template: Template
    let style: HTMLText
    let script: HTMLText
    /// A policy that allows this style and this script and nothing else: nothing is fetched, and a script that got into
    /// the page by a mistake of ours does not run.
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

    /// The name of an inline text in a Content-Security-Policy.
    private static func digest(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
