import Foundation
import Language
import Testing

@testable import Transcript

/// Encodings from before Unicode: read right, or refused.
@Suite("Legacy encodings") struct LegacyEncodingTests {
    private static let texts: [(String, [String])] = [
        (
            "Анна: Начнём с моста, разрешение уже пришло.\nПётр: Да, но есть два условия.\nАнна: Завтра позвоню подрядчику.\n",
            ["windows-1251", "KOI8-R", "IBM866"]
        ),
        (
            "Олена: Почнемо з мосту, дозвіл надійшов у понеділок.\nІгор: Є дві умови: шум і сходи.\n",
            ["windows-1251", "KOI8-U"]
        ),
        ("李雷：我们先谈桥的许可。\n韩梅：许可证星期一到了，有两个条件。\n", ["GB18030", "GBK"]),
        ("李雷：我們先談橋的許可。\n韓梅：許可證星期一到了，有兩個條件。\n", ["Big5"]),
        ("田中：橋の許可は月曜日に届きました。\n鈴木：条件は二つです。騒音と階段です。\n", ["Shift_JIS", "EUC-JP", "ISO-2022-JP"]),
        ("민수: 다리 허가가 월요일에 나왔습니다.\n지영: 조건이 두 가지 있습니다.\n", ["EUC-KR"]),
        (
            "Jiří: Začneme mostem, povolení přišlo v pondělí.\nHana: Má dvě podmínky, hluk a únikové schodiště.\n",
            ["windows-1250", "ISO-8859-2"]
        ),
        (
            "Łukasz: Zaczniemy od mostu, pozwolenie przyszło w poniedziałek.\nŚwięta: Ma dwa warunki: hałas i schody pożarowe.\n",
            ["windows-1250"]
        ),
        (
            "Μαρία: Ξεκινάμε με τη γέφυρα, η άδεια ήρθε τη Δευτέρα.\nΝίκος: Έχει δύο όρους.\n",
            ["windows-1253"]
        ),
        (
            "Jürgen: Wir beginnen mit der Brücke, die Genehmigung kam für Montag.\nBärbel: Sie hat zwei Auflagen, Lärm und Treppe.\n",
            ["windows-1252"]
        ),
    ]

    /// ICU converts back for the test; the reader must find the way by itself.
    @Test(arguments: texts.indices) func everyEncodingIsReadOrRefused(index: Int) throws {
        let (text, encodings) = Self.texts[index]
        let plain = try read(text, "m.txt")
        for encoding in encodings {
            let bytes = try #require(Self.encoded(text, encoding), "\(encoding)")
            for lines in [bytes, Self.asCaptions(bytes)] {
                let name = lines == bytes ? "m.txt" : "m.srt"
                let file = try TranscriptReader.read(lines, name: name)
                #expect(spelled(file.utterances) == spelled(plain.utterances), "\(encoding) in \(name)")
            }
        }
    }

    private static func asCaptions(_ bytes: [UInt8]) -> [UInt8] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        return lines.enumerated().flatMap { index, line in
            Array("\(index + 1)\n00:00:0\(index * 3),000 --> 00:00:0\(index * 3 + 1),000\n".utf8) + line
                + Array("\n\n".utf8)
        }
    }

    /// By the converter of the C library, which shares nothing with ICU.
    private static func encoded(_ text: String, _ encoding: String) -> [UInt8]? {
        guard let converter = iconv_open(encoding, "UTF-8"), converter != iconv_t(bitPattern: -1) else {
            return nil
        }
        defer { iconv_close(converter) }
        var input = Array(text.utf8).map { CChar(truncatingIfNeeded: $0) }
        var output = [CChar](repeating: 0, count: input.count * 4)
        let size = output.count
        return input.withUnsafeMutableBufferPointer { from in
            output.withUnsafeMutableBufferPointer { to in
                var (source, sourceLeft) = (from.baseAddress, from.count)
                var (target, targetLeft) = (to.baseAddress, to.count)
                guard iconv(converter, &source, &sourceLeft, &target, &targetLeft) != -1,
                    iconv(converter, nil, nil, &target, &targetLeft) != -1
                else { return nil }
                return to.prefix(size - targetLeft).map { UInt8(truncatingIfNeeded: $0) }
            }
        }
    }

    /// Of a few bytes no detector tells an encoding; most such texts are of Western Europe.
    @Test(arguments: ["René: Bonjour à tous", "Zoë: Fine.", "Jürgen: Gut, morgen."])
    func fewBytesAreWestern(_ text: String) throws {
        let bytes = try #require(Self.encoded(text, "windows-1252"))
        let read = try TranscriptReader.read(bytes, name: "m.txt")
        let (speaker, said) = (text.prefix { $0 != ":" }, text.drop { $0 != ":" }.dropFirst(2))
        #expect(read.utterances.map(\.speaker) == [String(speaker)])
        #expect(read.utterances.map(\.text) == [String(said)])
    }

    @Test func noiseAndDamageAreNoText() {
        for bytes in [
            Array("Ada: caf\u{E9}, na\u{EF}ve, \u{FC}ber\n".utf8) + [0xE9, 0x20],
            Array("ok".utf8) + [0xE2, 0x82],
            (0..<400).map { UInt8(truncatingIfNeeded: $0 * 37 + 129) | 0x80 },
        ] {
            #expect(throws: TranscriptError.self) { try TranscriptReader.read(bytes, name: "m.txt") }
        }
    }
}
