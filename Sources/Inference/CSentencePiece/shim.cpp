// A C interface over sentencepiece::SentencePieceProcessor. Every exception (only bad_alloc is expected) is caught here
// and becomes the failure value of the call.

#include "CSentencePiece.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct csp_processor {
    sentencepiece::SentencePieceProcessor model;
};

namespace {

void explain(const char *reason, char *message, size_t capacity) {
    if (capacity == 0) return;
    size_t count = std::min(std::strlen(reason), capacity - 1);
    std::memcpy(message, reason, count);
    message[count] = '\0';
}

bool contains(const csp_processor *processor, int32_t id) {
    return id >= 0 && id < processor->model.GetPieceSize();
}

}  // namespace

extern "C" csp_processor *csp_load(const void *proto, size_t count, char *message, size_t capacity) {
    try {
        auto processor = std::make_unique<csp_processor>();
        std::string_view bytes(static_cast<const char *>(proto), count);
        auto status = processor->model.LoadFromSerializedProto(bytes);
        if (status.ok()) status = processor->model.status();
        if (status.ok()) return processor.release();
        explain(status.error_message(), message, capacity);
    } catch (const std::exception &error) {
        explain(error.what(), message, capacity);
    } catch (...) {
        explain("unknown exception", message, capacity);
    }
    return nullptr;
}

extern "C" void csp_free(csp_processor *processor) {
    try {
        delete processor;
    } catch (...) {
    }
}

extern "C" int32_t csp_vocabulary_size(const csp_processor *processor) {
    try {
        return processor->model.GetPieceSize();
    } catch (...) {
        return 0;
    }
}

extern "C" int32_t csp_kind(const csp_processor *processor, int32_t id) {
    try {
        if (!contains(processor, id)) return -1;
        if (processor->model.IsUnknown(id)) return CSP_UNKNOWN;
        if (processor->model.IsControl(id)) return CSP_CONTROL;
        if (processor->model.IsByte(id)) return CSP_BYTE;
        return processor->model.IsUnused(id) ? CSP_UNUSED : CSP_NORMAL;
    } catch (...) {
        return -1;
    }
}

extern "C" const char *csp_piece(const csp_processor *processor, int32_t id, size_t *count) {
    try {
        if (!contains(processor, id)) return nullptr;
        const std::string &piece = processor->model.IdToPiece(id);  // owned by the model
        *count = piece.size();
        return piece.data();
    } catch (...) {
        return nullptr;
    }
}

extern "C" int32_t csp_piece_id(const csp_processor *processor, const char *piece, size_t count) {
    try {
        std::string_view wanted(piece, count);
        // For a piece that is not in the vocabulary, the library returns the id of the unknown piece.
        int id = processor->model.PieceToId(wanted);
        return contains(processor, id) && processor->model.IdToPiece(id) == wanted ? id : -1;
    } catch (...) {
        return -1;
    }
}

extern "C" int32_t csp_special_id(const csp_processor *processor, enum csp_special which) {
    try {
        switch (which) {
        case CSP_BEGINNING: return processor->model.bos_id();
        case CSP_END: return processor->model.eos_id();
        case CSP_PADDING: return processor->model.pad_id();
        case CSP_UNKNOWN_PIECE: return processor->model.unk_id();
        }
    } catch (...) {
    }
    return -1;
}

extern "C" int64_t csp_encode(
    const csp_processor *processor, const char *text, size_t count, int32_t *ids, size_t capacity) {
    try {
        if (count > INT_MAX) return CSP_EXHAUSTED;  // the library counts in int
        std::vector<int> encoded;
        if (!processor->model.Encode(std::string_view(text, count), &encoded).ok()) return CSP_REFUSED;
        std::copy_n(encoded.begin(), std::min(encoded.size(), capacity), ids);
        return static_cast<int64_t>(encoded.size());
    } catch (...) {
        return CSP_EXHAUSTED;
    }
}
