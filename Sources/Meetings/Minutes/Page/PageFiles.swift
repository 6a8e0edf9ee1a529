import Crypto
import Foundation

/// The templates, style sheet and scripts of the pages: the files beside this one, compiled into the program.
struct PageFiles: Sendable {
    /// The template of a meeting's page, whose values are in ``PageContent``.
    let template: Template
    /// The template of the page of all meetings, whose values are in ``IndexRenderer``.
    let indexTemplate: Template
    let style: HTMLText
    let script: HTMLText
    let indexScript: HTMLText
    /// A policy that allows this style and this script and nothing else: nothing is fetched, and a script that got into
    /// the page by a mistake of ours does not run.
    let policy: HTMLText
    let indexPolicy: HTMLText

    static let shared = PageFiles()

    private init() {
        let style = Self.text(PackageResources.page_css)
        template = Self.template(PackageResources.page_mustache)
        indexTemplate = Self.template(PackageResources.index_mustache)
        let scripts = [PackageResources.page_js, PackageResources.index_js].map { own in
            "\"use strict\";\n(() => {\n" + Self.text(PackageResources.shared_js) + Self.text(own) + "})();\n"
        }
        let policies = scripts.map { script in
            "default-src 'none'; style-src '\(Self.digest(style))'; script-src '\(Self.digest(script))'; "
                + "base-uri 'none'; form-action 'none'"
        }
        self.style = HTMLText(markup: style)
        (script, indexScript) = (HTMLText(markup: scripts[0]), HTMLText(markup: scripts[1]))
        (policy, indexPolicy) = (HTMLText(markup: policies[0]), HTMLText(markup: policies[1]))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func template(_ bytes: [UInt8]) -> Template {
        do {
            return try Template(text(bytes), fields: nil)
        } catch {
            preconditionFailure("a page's template is broken: \(error)")
        }
    }

    /// The name of an inline text in a Content-Security-Policy.
    private static func digest(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
