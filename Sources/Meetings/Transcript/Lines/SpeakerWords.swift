/// The words that tell names from what else stands before a colon, in the languages that are read.
enum SpeakerWords {
    /// What recognisers and programs call a voice that has no name, before its number.
    static let voices: Set<String> = [
        "speaker", "spk", "spkr", "ch", "channel", "participant", "person", "guest", "user", "voice",
        "unknown speaker",
        "sprecher", "sprecherin", "redner", "teilnehmer", "kanal", "locuteur", "intervenant", "orateur",
        "participante",
        "hablante", "orador", "interlocutor", "falante", "locutor", "parlante", "relatore", "interlocutore",
        "spreker",
        "deelnemer", "talare", "deltagare", "mówca", "rozmówca", "uczestnik", "спикер", "говорящий",
        "участник", "диктор",
        "мовець", "спікер", "учасник", "konuşmacı", "katılımcı", "说话人", "說話人", "发言人", "發言人", "讲话人", "講者",
        "話者", "スピーカー", "発言者", "参加者", "화자", "발언자", "참석자", "المتحدث", "متحدث", "مشارك", "वक्ता",
    ]

    /// Words of names that are not capitalised.
    static let particles: Set<String> = [
        "von", "vom", "van", "de", "der", "den", "del", "della", "di", "da", "das", "dos", "du", "des", "la",
        "le", "el",
        "al", "bin", "ibn", "ten", "ter", "zu", "zum", "zur", "y", "e", "i", "of", "the", "and", "und", "et",
        "señor", "señora", "senhor", "senhora", "signor", "signora",
    ]

    /// Titles and offices whose short forms are not capitalised, without their dots.
    static let titles: Set<String> = [
        "dr", "prof", "med", "dent", "vet", "jur", "iur", "phil", "rer", "nat", "pol", "oec", "theol", "ing",
        "habil",
        "mag", "dipl", "hon", "rt", "st", "jr", "sr", "hc", "mr", "mrs", "ms", "mme", "sig", "ra", "inż",
        "mgr", "hab",
    ]

    /// Words with which labels begin that stand before a colon in headers and notes.
    static let openingLabels: Set<String> = [
        "note", "notes", "nb", "ps", "http", "https", "ftp", "mailto", "warning", "todo", "action", "actions",
        "decision", "decisions", "agenda", "date", "time", "start", "end", "title", "subject", "topic",
        "topics", "attendees", "participants", "present", "absent", "location", "duration", "meeting",
        "transcript", "transcription", "recording", "summary", "example", "reminder", "conclusion", "re",
        "fwd", "fyi", "file", "language", "source", "kind", "step", "item", "option", "part", "section",
        "chapter", "url", "link",
    ]

    /// Other labels of headers, as a whole: not speakers.
    static let labels: Set<String> = [
        // English
        "overview", "speakers", "summary keywords", "keywords", "outline", "organizer", "organiser",
        "invitees", "invited", "venue", "place",
        "minutes", "started", "ended", "recorded", "created", "attendee list", "total attendees",
        "meeting start", "next steps", "key points", "takeaways", "highlights",
        // German
        "datum", "uhrzeit", "zeit", "beginn", "ende", "dauer", "ort", "thema", "themen", "betreff", "titel",
        "teilnehmer", "teilnehmerinnen", "teilnehmende", "anwesend", "anwesende", "abwesend", "entschuldigt",
        "besprechung", "protokoll", "protokollführung", "zusammenfassung", "hinweis", "notiz", "anmerkung",
        "beispiel", "stichwörter", "tagesordnung",
        // French
        "titre", "durée", "lieu", "sujet", "objet", "présents", "absents", "excusés", "réunion", "résumé",
        "remarque", "heure", "mots-clés", "ordre du jour",
        // Spanish, Portuguese, Italian
        "fecha", "hora", "título", "duración", "lugar", "asunto", "tema", "asistentes", "participantes",
        "presentes", "ausentes", "reunión", "resumen", "nota", "palabras clave", "data", "duração", "local",
        "assunto", "reunião", "resumo", "titolo", "durata", "luogo", "oggetto", "argomento", "partecipanti",
        "presenti", "assenti", "riunione", "riassunto", "ora",
        // Dutch, Swedish, Polish, Turkish
        "tijd", "duur", "plaats", "locatie", "onderwerp", "deelnemers", "aanwezig", "aanwezigen", "afwezig",
        "vergadering", "samenvatting", "opmerking", "tid", "plats", "ämne", "deltagare", "närvarande",
        "frånvarande", "möte", "sammanfattning", "czas", "miejsce", "temat", "uczestnicy", "obecni",
        "nieobecni", "spotkanie", "podsumowanie", "uwaga", "tarih", "saat", "süre", "yer", "konu",
        "katılımcılar", "toplantı", "özet", "not",
        // Russian, Ukrainian
        "дата", "время", "час", "длительность", "место", "місце", "тема", "участники", "учасники",
        "присутствуют", "присутні", "встреча", "зустріч", "повестка", "итоги", "примечание", "примітка",
        // Chinese, Japanese, Korean
        "日期", "时间", "時間", "时长", "地点", "地點", "主题", "主題", "标题", "標題", "参会人", "参会人员", "与会人员", "會議", "会议", "会议主题",
        "会议时间", "关键词", "摘要", "备注", "日時", "場所", "議題", "参加者", "出席者", "会議", "備考", "件名", "保存日時", "일시", "날짜", "시간",
        "장소",
        "주제", "참석자", "회의", "요약", "비고",
        // Arabic, Hindi
        "التاريخ", "الوقت", "المكان", "الموضوع", "العنوان", "الحضور", "المشاركون", "ملاحظة", "तारीख", "दिनांक",
        "समय", "स्थान", "विषय", "प्रतिभागी", "उपस्थित",
    ]

    /// What people say before a pause that is written as a colon.
    static let interjections: Set<String> = [
        "so", "well", "yes", "no", "yeah", "ok", "okay", "right", "and", "but", "or", "now", "then", "also",
        "anyway",
        "basically", "actually", "namely", "look", "listen", "sorry", "thanks", "hey", "hi", "hello",
        "because", "first",
        "second", "third", "finally", "question", "answer", "result", "results", "update", "remember",
        "meaning", "i",
        "it", "that", "this", "is", "are", "was", "says", "said", "like", "exactly", "sure", "great", "good",
        "perfect", "absolutely", "mhm",
    ]

    /// Stems of "transcript" and "recording", by which lines about the transcript itself are told from what was said.
    static let transcriptStems = [
        "transcri", "transkri", "trascri", "transkry", "транскри", "расшифров", "стенограм", "文字起こし", "转写",
        "轉錄", "轉寫",
        "转录", "字幕", "녹취", "전사", "نسخ", "ट्रांसक्रि", "ki-generiert", "ai-generated", "computer generated",
    ]
}
