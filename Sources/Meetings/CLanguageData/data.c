#include "CLanguageData.h"

#include <string.h>

// C23, which clang has as an extension of C11.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char ar[] = {
#embed "../Language/Data/ar.txt"
};
static const char de[] = {
#embed "../Language/Data/de.txt"
};
static const char en[] = {
#embed "../Language/Data/en.txt"
};
static const char es[] = {
#embed "../Language/Data/es.txt"
};
static const char fr[] = {
#embed "../Language/Data/fr.txt"
};
static const char hi[] = {
#embed "../Language/Data/hi.txt"
};
static const char it[] = {
#embed "../Language/Data/it.txt"
};
static const char ja[] = {
#embed "../Language/Data/ja.txt"
};
static const char ko[] = {
#embed "../Language/Data/ko.txt"
};
static const char nl[] = {
#embed "../Language/Data/nl.txt"
};
static const char pl[] = {
#embed "../Language/Data/pl.txt"
};
static const char pt[] = {
#embed "../Language/Data/pt.txt"
};
static const char ru[] = {
#embed "../Language/Data/ru.txt"
};
static const char sv[] = {
#embed "../Language/Data/sv.txt"
};
static const char tr[] = {
#embed "../Language/Data/tr.txt"
};
static const char uk[] = {
#embed "../Language/Data/uk.txt"
};
static const char zh[] = {
#embed "../Language/Data/zh.txt"
};

static const struct {
    const char *code, *text;
    int32_t count;
} files[] = {
    {"ar", ar, sizeof ar},
    {"de", de, sizeof de},
    {"en", en, sizeof en},
    {"es", es, sizeof es},
    {"fr", fr, sizeof fr},
    {"hi", hi, sizeof hi},
    {"it", it, sizeof it},
    {"ja", ja, sizeof ja},
    {"ko", ko, sizeof ko},
    {"nl", nl, sizeof nl},
    {"pl", pl, sizeof pl},
    {"pt", pt, sizeof pt},
    {"ru", ru, sizeof ru},
    {"sv", sv, sizeof sv},
    {"tr", tr, sizeof tr},
    {"uk", uk, sizeof uk},
    {"zh", zh, sizeof zh},
};

const char *cdata_text(const char *code, int32_t *count) {
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        if (strcmp(files[index].code, code) != 0) continue;
        *count = files[index].count;
        return files[index].text;
    }
    return NULL;
}
