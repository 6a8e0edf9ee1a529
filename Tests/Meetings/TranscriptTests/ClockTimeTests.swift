import Testing

@testable import Transcript

/// One reader for every notation of time.
@Suite struct ClockTimeTests {
    @Test(arguments: [
        ("12:30", 750.0, 2, false), ("1:12:30", 4350, 3, false), ("00:00:01.250", 1.25, 3, false),
        ("00:00:01,250", 1.25, 3, false), ("0:0:6.90", 6.9, 3, false), ("100:00:01.000", 360_001, 3, false),
        ("01:00:10:12", 3610, 3, false), ("01:00:10;12", 3610, 3, false),
        ("1h 2m 3s", 3723, 2, false), ("2m5s", 125, 2, false), ("45s", 45, 2, false),
        ("1h 3s", 3603, 2, false),
        ("10:02:33 AM", 36_153, 3, true), ("12:59:58 PM", 46_798, 3, true), ("1:00:04 PM", 46_804, 3, true),
        ("12:00:05 AM", 5, 3, true), ("1:05pm", 47_100, 2, true), ("1:05\u{202F}PM", 47_100, 2, true),
        ("9:15 a.m.", 33_300, 2, true), ("下午 1:05", 47_100, 2, true),
        ("2026-05-12T10:02:33Z", 36_153, 3, true), ("2026-05-12 10:02:33.500", 36_153.5, 3, true),
        ("5/12/2026, 10:02:05 AM", 36_125, 3, true), ("12.05.2026 10:02", 36_120, 3, true),
        ("2026/05/12 10:02:33+02:00", 36_153, 3, true), ("-00:00:02,500", 0, 3, false),
        ("−0:02", 0, 2, false),
    ])
    func everyNotation(text: String, seconds: Double, fields: Int, isOfDay: Bool) throws {
        let time = try #require(ClockTime(text))
        #expect(
            abs(time.seconds - seconds) < 1e-6 && time.fieldCount == fields && time.isOfDay == isOfDay,
            "\(time)")
    }

    @Test(arguments: [
        "", "12", "12:", ":30", "12:345", "1:60:00", "1:2:60", "12:30x:5", "a12:30", "1:2:3:4:5", "99999:00",
        "3rd",
        "5 m", "12m30", "5mm", "13:05:xx", "2026-05-12", "31/31", "1.2.3", "10:00:00:",
    ])
    func noTime(text: String) { #expect(ClockTime(text) == nil) }

    @Test(arguments: [
        ("00:00.00 - 00:03.17", 0.0, 3.17), ("0:12–0:15", 12, 15), ("0:00:01.5 --> 0:00:03", 1.5, 3),
        ("0:00:00.599,0:00:04.160", 0.599, 4.16), ("1:00 → 1:05", 60, 65), ("0:01 ~ 0:02", 1, 2),
        ("10:02 AM - 10:05 AM", 36_120, 36_300), ("-00:00:02,500 --> -00:00:00,200", 0, 0),
    ])
    func everySpan(text: String, start: Double, end: Double) throws {
        let span = try #require(TimeSpan(text))
        #expect(abs(span.start.seconds - start) < 1e-6)
        #expect(abs(try #require(span.end).seconds - end) < 1e-6)
    }

    @Test(arguments: [
        ("Ada 1 hour 2 minutes 3 seconds", "Ada ", 3723.0), ("Åsa 54 Minuten", "Åsa ", 3240),
        ("1 Minute 16 Sekunden1:16", "", 76), ("0 minutes et", nil, 0),
        ("Ana 2 minutos 5 segundos", "Ana ", 125),
        ("Jean 1 heure 3 secondes", "Jean ", 3603), ("李雷 1 分钟 6 秒", "李雷 ", 66), ("민수 1분 6초", "민수 ", 66),
        ("Иван 2 минуты 1 секунда", "Иван ", 121), ("Ola 5 minut 22 sekundy", "Ola ", 322),
        ("we need 5 people", nil, 0),
    ])
    func timesInWords(line: String, before: String?, seconds: Double) {
        let found = SpelledTime.suffix(of: line)
        #expect(found.map { String($0.before) } == before)
        #expect(found.map(\.time.seconds) ?? 0 == seconds)
    }

    /// Where a time may stand in a line.
    @Test(arguments: [
        ("**[0:12] Ada:** hi", "Ada", 12.0, "hi"), ("__0:00:12__ Ada: hi", "Ada", 12, "hi"),
        ("<u>0:00:12</u> Ada: hi", "Ada", 12, "hi"),
        ("Ada:\t00:01:29\thi", "Ada", 89, "hi"), ("Ada: [01:29] hi", "Ada", 89, "hi"),
        ("Ada (1:29) hi", "Ada", 89, "hi"),
        ("[10:02 ada] hi", "ada", 602, "hi"), ("[Speaker 1 00:12] hi", "Speaker 1", 12, "hi"),
        ("[0:12](https://example.com/?t=12) Ada: hi", "Ada", 12, "hi"),
        ("Ada | 10:02:33 AM", "Ada", 36_153, ""),
        ("[2026-05-12 10:02:33] Ada: hi", "Ada", 36_153, "hi"), ("Ada - 0:12", "Ada", 12, ""),
        ("[00:03.54 - 00:06.33] speaker_2: hi", "speaker_2", 3.54, "hi"),
        ("说话人 1 00:00:06\\", "说话人 1", 6, ""),
        ("- [00:12] Ada: hi", "Ada", 12, "hi"), ("### 00:05:12", nil, 312, ""),
        ("10:02:33 From Ada to Everyone: hi", "Ada", 36_153, "hi"),
    ])
    func placesOfTimes(line: String, speaker: String?, seconds: Double, text: String) {
        let spoken = SpokenLine(line, rules: .timedText(shortClock: false))
        #expect(
            spoken.speaker == speaker && spoken.text == text && spoken.time?.seconds == seconds, "\(spoken)")
    }
}
