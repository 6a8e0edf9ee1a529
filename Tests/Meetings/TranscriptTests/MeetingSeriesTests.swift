import Testing

@testable import Transcript

@Suite struct MeetingSeriesTests {
    @Test(arguments: [
        ("weekly-2026-11-21", "weekly-", "2026-11-21"), ("board_2024-02-29", "board_", "2024-02-29"),
        ("a.b-c.0999-01-01", "a.b-c.", "0999-01-01"), ("2026-11-20-2026-11-21", "2026-11-20-", "2026-11-21"),
    ])
    func aNameThatEndsInADateIsInASeries(name: String, prefix: String, date: String) throws {
        let series = try #require(MeetingSeries(MeetingID(name)))
        #expect(series.prefix == prefix && series.date == date)
    }

    @Test(arguments: [
        "weekly", "2026-11-21", "-2026-11-21", "weekly2026-11-21", "weekly-2026-11-21-2", "weekly-2026-02-30",
        "weekly-2026-13-01", "weekly-26-11-21", "weekly-2026-1-121", "weekly-2026-11-2a", "weekly-20261121",
        "weekly--026-11-21",
    ])
    func anyOtherIsNot(name: String) throws { #expect(MeetingSeries(try MeetingID(name)) == nil) }
}
