#include "CLanguageData.h"

#include <string.h>

// C23, which clang has as an extension of C11.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct {
    const char *code, *words, *labels;
} files[] = {
    {"ar",
     (const char[]){
#embed "../Language/Data/ar.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/ar.txt" suffix(, 0)
     }},
    {"de",
     (const char[]){
#embed "../Language/Data/de.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/de.txt" suffix(, 0)
     }},
    {"en",
     (const char[]){
#embed "../Language/Data/en.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/en.txt" suffix(, 0)
     }},
    {"es",
     (const char[]){
#embed "../Language/Data/es.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/es.txt" suffix(, 0)
     }},
    {"fr",
     (const char[]){
#embed "../Language/Data/fr.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/fr.txt" suffix(, 0)
     }},
    {"hi",
     (const char[]){
#embed "../Language/Data/hi.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/hi.txt" suffix(, 0)
     }},
    {"it",
     (const char[]){
#embed "../Language/Data/it.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/it.txt" suffix(, 0)
     }},
    {"ja",
     (const char[]){
#embed "../Language/Data/ja.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/ja.txt" suffix(, 0)
     }},
    {"ko",
     (const char[]){
#embed "../Language/Data/ko.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/ko.txt" suffix(, 0)
     }},
    {"nl",
     (const char[]){
#embed "../Language/Data/nl.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/nl.txt" suffix(, 0)
     }},
    {"pl",
     (const char[]){
#embed "../Language/Data/pl.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/pl.txt" suffix(, 0)
     }},
    {"pt",
     (const char[]){
#embed "../Language/Data/pt.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/pt.txt" suffix(, 0)
     }},
    {"ru",
     (const char[]){
#embed "../Language/Data/ru.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/ru.txt" suffix(, 0)
     }},
    {"sv",
     (const char[]){
#embed "../Language/Data/sv.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/sv.txt" suffix(, 0)
     }},
    {"tr",
     (const char[]){
#embed "../Language/Data/tr.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/tr.txt" suffix(, 0)
     }},
    {"uk",
     (const char[]){
#embed "../Language/Data/uk.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/uk.txt" suffix(, 0)
     }},
    {"zh",
     (const char[]){
#embed "../Language/Data/zh.txt" suffix(, 0)
     },
     (const char[]){
#embed "../Minutes/Labels/zh.txt" suffix(, 0)
     }},
};

const char *cdata_words(const char *code) {
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        if (strcmp(files[index].code, code) == 0) return files[index].words;
    }
    return NULL;
}

const char *cdata_labels(const char *code) {
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        if (strcmp(files[index].code, code) == 0) return files[index].labels;
    }
    return NULL;
}
