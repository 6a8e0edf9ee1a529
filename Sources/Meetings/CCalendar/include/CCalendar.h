// The part of libical that reading invitations needs: the properties of events, the dates of rules of repetition, and
// time zones that a file defines itself. `Transcript` is its caller. libical's headers stay in shim.c: its structures
// are too large for Swift to see them.

#ifndef CCALENDAR_H
#define CCALENDAR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A file that was read. One thread at a time.
typedef struct ccal_file ccal_file;

// NULL if UTF-8 `text`, whose lines are unfolded and which ends with a NUL, holds no calendar. Released with
// ccal_close.
ccal_file *_Nullable ccal_open(const char *_Nonnull text);
void ccal_close(ccal_file *_Nullable file);

// Whether the file calls all that is in it off (METHOD:CANCEL).
int32_t ccal_is_cancelled(const ccal_file *_Nonnull file);

// How many events the file has.
int32_t ccal_event_count(const ccal_file *_Nonnull file);

// A date, or a date and a time of day as clocks at the meeting show it.
typedef struct ccal_time {
    int32_t year, month, day, hour, minute, second;
    // Whether it is a date alone, and whether the time is in UTC.
    int32_t is_date, is_utc;
} ccal_time;

enum ccal_kind {
    CCAL_OTHER, CCAL_UID, CCAL_SUMMARY, CCAL_LOCATION, CCAL_CANCELLED, CCAL_START, CCAL_END, CCAL_DURATION,
    CCAL_RECURRENCE_ID, CCAL_RULE, CCAL_MORE, CCAL_EXCEPT, CCAL_ATTENDEE, CCAL_ORGANIZER, CCAL_BROKEN_RULE
};

// Whom an attendee is (CUTYPE).
enum ccal_whom { CCAL_PERSON, CCAL_PLACE, CCAL_GROUP };

// A property of an event. Texts live as long as the file.
typedef struct ccal_property {
    enum ccal_kind kind;
    // What it says, without escapes: of attendees and organizers the address.
    const char *_Nullable text;
    // The name (CN) of attendees and organizers, and the time zone (TZID) of times.
    const char *_Nullable name, *_Nullable zone;
    enum ccal_whom whom;
    int32_t has_declined;
    ccal_time time;
    // Of a duration.
    int64_t seconds;
} ccal_property;

// The property `index` of the event `event`; 0 behind the last.
int32_t ccal_property_at(
    const ccal_file *_Nonnull file, int32_t event, int32_t index, ccal_property *_Nonnull property);

// The dates of a rule. One thread at a time.
typedef struct ccal_dates ccal_dates;

// The dates of the rule that is the property `index` of `event`, from `start` on; until when it goes is not minded.
// NULL if it is no rule for days, weeks, months or years, which repeats the time of day too. Released with
// ccal_dates_close.
ccal_dates *_Nullable ccal_dates_open(
    const ccal_file *_Nonnull file, int32_t event, int32_t index, const ccal_time *_Nonnull start);
void ccal_dates_close(ccal_dates *_Nullable dates);

// The next date; 0 behind the last.
int32_t ccal_dates_next(ccal_dates *_Nonnull dates, ccal_time *_Nonnull time);

// Until when a rule goes, at most; 0 if it does not say.
int32_t ccal_rule_until(
    const ccal_file *_Nonnull file, int32_t event, int32_t index, ccal_time *_Nonnull until);

// How many seconds a time zone that the file defines under `zone` is ahead of UTC when clocks there show `time`; 0 if
// the file has no such definition, or one that is not to be worked out.
int32_t ccal_zone_offset(
    ccal_file *_Nonnull file, const char *_Nonnull zone, const ccal_time *_Nonnull time,
    int32_t *_Nonnull seconds);

#ifdef __cplusplus
}
#endif

#endif
