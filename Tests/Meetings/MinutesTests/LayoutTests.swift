import Testing

@testable import Minutes

/// What a template does with names and sections.
@Suite struct LayoutTests {
    private struct Page: TemplateScope {
        let title = "T"
        let blank = ""
        let count = 3
        let isOpen = true
        let isOver = false
        let nobody: Person? = nil
        let first: Person? = Person(name: "Ann", words: nil, friends: [])
        let people = [
            Person(name: "Ann", words: "many", friends: ["Bob", "Cy"]),
            Person(name: "Bob", words: nil, friends: []),
        ]
        let words = "few"
    }

    private struct Person: TemplateScope {
        let name: String
        let words: String?
        let friends: [String]
    }

    @Test(arguments: [
        ("{{title}}{{{title}}}{{&title}}{{ title }}: {{count}}", "TTTT: 3"),
        ("{{blank}}|{{nobody}}|{{isOpen}}", "||"),
        (
            "{{#isOpen}}a{{/isOpen}}{{^isOpen}}b{{/isOpen}}{{#isOver}}c{{/isOver}}{{^isOver}}d{{/isOver}}",
            "ad"
        ),
        ("{{#blank}}a{{/blank}}{{^blank}}b{{/blank}}{{^nobody}}c{{/nobody}}", "bc"),
        ("{{#title}}[{{.}}{{title}}{{count}}]{{/title}}", "[TT3]"),
        ("{{first.name}} {{#first}}{{name}} of {{title}}{{/first}}", "Ann Ann of T"),
        // What somebody lacks is not taken from outside.
        ("{{#people}}{{name}}:{{words}};{{/people}}{{words}}", "Ann:many;Bob:;few"),
        (
            "{{#people}}{{#friends}}{{.}}+{{name}} {{/friends}}{{^friends}}-{{/friends}}{{/people}}",
            "Bob+Ann Cy+Ann -"
        ),
        // A tag alone on its line leaves nothing behind; one that shows something, or is not alone, does.
        ("a\n{{#isOpen}}\nb\n{{/isOpen}}\nc\n", "a\nb\nc\n"),
        ("a\n \t{{#isOpen}} \nb\n  {{/isOpen}}", "a\nb\n"), ("  {{! one\ntwo }}  \nb", "b"),
        ("a\r\n{{#isOpen}}\r\nb\r\n{{/isOpen}}\r\nc", "a\r\nb\r\nc"), (" {{title}} \n", " T \n"),
        ("a {{#isOpen}}\nb\n{{/isOpen}} c", "a \nb\n c"), ("{{#isOpen}} {{/isOpen}}\n", " \n"),
        ("{{#isOver}}\na\n{{/isOver}}\n{{^isOver}}\nb\n{{/isOver}}\n", "b\n"),
        ("{{! a }}{{! b }}\nc", "\nc"), ("no tag } { }}", "no tag } { }}"),
    ])
    func aTemplateShowsWhatItNames(text: String, shown: String) throws {
        let template = try Template(text, fields: nil)
        #expect(template.render(Page()) == shown)
    }

    @Test func aTemplateKnowsItsNames() throws {
        let template = try Template(
            "{{#people}}{{name}}{{^friends}}{{/friends}}{{/people}}{{first.words}}", fields: nil)
        #expect(template.names == ["people", "name", "friends", "first", "words"])
    }

    @Test func aLineIsCountedAlsoWhereItLeavesNothingBehind() {
        let text = "{{#people}}\n{{#friends}}\n\n{{!\n}}\n{{/friends}}\n{{/wrong}}\n"
        #expect(
            throws: Template.Complaint(line: 7, reason: "'wrong' is closed where 'people' of line 1 is open")
        ) {
            try Template(text, fields: nil)
        }
    }
}
