import Foundation
import Glibc
import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// The page as a browser has it, its policy in force and its script run.
@Suite(.enabled(if: Browser.path != nil, "no chromium in PATH: apt-get install chromium"), .serialized)
struct BrowserTests {
    @Test(arguments: [MinutesDocument.State.open, .finished])
    func scriptRunsUnderThePolicyAndComplainsOfNothing(state: MinutesDocument.State) async throws {
        let page = try await Browser.load(Page(Samples.standup(state: state)).html)
        #expect(page.complaints == [])
        #expect(page.dom.contains("Theme: system"), "the script has run")
        #expect(page.dom.contains("<option value=\"Carla\">Carla</option>"))
        let shown = try Page(html: page.dom)
        let places = Set(shown.values(of: "id"))
        let links = shown.values(of: "href")
        #expect(links.count > 20 && links.allSatisfy { places.contains(String($0.dropFirst())) })
    }

    @Test func thePageOfAllMeetingsRunsItsScript() async throws {
        let renderer = IndexRenderer(language: .german)
        let rows = try ["standup", "board"].map { name in
            renderer.row(
                IndexEntry(
                    meeting: try MeetingID(name), title: nil, date: Date(timeIntervalSince1970: 1e9),
                    state: .finished, speakers: ["Carla"], statements: nil))
        }
        let html = renderer.page(rows: rows, older: 3)
        #expect(html.contains("Besprechungen <span class=\"count\">5</span>"))
        #expect(html.contains("die nicht auf dieser Seite stehen: 3"))
        let page = try await Browser.load(html)
        #expect(page.complaints == [])
        #expect(page.dom.contains("<p id=\"found\" role=\"status\"></p>"))
        #expect(!page.dom.contains("class=\"search\" data-script=\"\" hidden"))
    }

    @Test func whatOthersWroteDoesNotRun() async throws {
        // Each would change the page's title if it came to life.
        let attack = [
            "<script>document.title='owned'</script>", "</script><script>document.title='owned'</script>",
            "<img src=x onerror=\"document.title='owned'\">", "\" onmouseover=\"document.title='owned'",
            "\"\u{301} autofocus onfocus=\"document.title='owned'",
            "</style><svg onload=document.title='owned'>",
        ].joined(separator: " ")
        let page = try await Browser.load(Page(Hostile.meeting(attack)).html)
        #expect(page.complaints == [])
        let shown = try Page(html: page.dom)
        let harmless = try await Browser.load(Page(Hostile.meeting("harmless")).html)
        #expect(try shown.tags == Page(html: harmless.dom).tags)
        #expect(!page.dom.contains("<title>owned"))
    }

    @Test func aForeignScriptIsStoppedByThePolicy() async throws {
        let html = try Page(Samples.standup(state: .finished)).html
        let page = try await Browser.load(
            html.replacing("<footer>", with: "<script>document.title='owned'</script><footer>"))
        #expect(page.complaints.contains { $0.contains("Content Security Policy") })
        #expect(!page.dom.contains("<title>owned"))
    }
}

/// Chromium without a window.
enum Browser {
    struct Outcome {
        /// The document after loading, as HTML.
        let dom: String
        /// What the console said.
        let complaints: [String]
    }

    static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .flatMap { folder in ["chromium", "chromium-browser", "google-chrome"].map { "\(folder)/\($0)" } }
        .first(where: FileManager.default.isExecutableFile(atPath:))

    /// Opens `html` from a file.
    static func load(_ html: String) async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "page-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        // Ignored: temporary files are cleaned up anyway.
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = { (name: String) in folder.appending(path: name) }
        try Data(html.utf8).write(to: file("minutes.html"))
        for name in ["out", "err"] { try Data().write(to: file(name)) }
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments =
            [
                "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                "--user-data-dir=\(file("profile").path)", "--enable-logging=stderr", "--dump-dom",
                file("minutes.html").absoluteString,
            ] + (getuid() == 0 ? ["--no-sandbox"] : [])
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: file("out"))
        process.standardError = try FileHandle(forWritingTo: file("err"))
        try process.run()
        // Only ends a browser that hangs.
        let end = ContinuousClock.now + .seconds(60)
        while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let log = try String(contentsOf: file("err"), encoding: .utf8)
        return Outcome(
            dom: try String(contentsOf: file("out"), encoding: .utf8),
            complaints: log.split(separator: "\n").filter { $0.contains(":CONSOLE") }.map(String.init))
    }
}
