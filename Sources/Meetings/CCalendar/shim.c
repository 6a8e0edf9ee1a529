#include "CCalendar.h"

#include <stdlib.h>
#include <string.h>

#include <libical/ical.h>

// More parts of a time zone's definition than any real one has, and more levels of components.
enum { ZONE_PARTS = 200, ZONE_RULES = 50, LEVELS = 16 };

// A growing list of pointers.
struct list {
    void **all;
    int32_t count, capacity;
};

static int append(struct list *list, void *one) {
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity ? 2 * list->capacity : 16;
        void **all = realloc(list->all, (size_t)capacity * sizeof *all);
        if (!all) return 0;
        list->all = all;
        list->capacity = capacity;
    }
    list->all[list->count++] = one;
    return 1;
}

struct ccal_file {
    icalcomponent *root;
    // Of each event the properties, followed by NULL.
    struct list properties;
    // Where the properties of each event begin.
    int32_t *first, count;
    // The time zone of the file that was asked for last; NULL if it has no usable one of that name.
    icaltimezone *zone;
    char *zone_name;
};

struct ccal_dates {
    icalrecur_iterator *iterator;
};

// 0 if there is no memory.
static int collect(icalcomponent *component, struct list *events, int level) {
    if (icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT) return append(events, component);
    if (level == LEVELS) return 1;
    icalcompiter inner = icalcomponent_begin_component(component, ICAL_ANY_COMPONENT);
    for (icalcomponent *one = icalcompiter_deref(&inner); one; one = icalcompiter_next(&inner)) {
        if (!collect(one, events, level + 1)) return 0;
    }
    return 1;
}

static int index_events(ccal_file *file, const struct list *events) {
    file->first = calloc((size_t)events->count + 1, sizeof *file->first);
    if (!file->first) return 0;
    for (file->count = 0; file->count < events->count; file->count++) {
        file->first[file->count] = file->properties.count;
        icalcomponent *event = events->all[file->count];
        for (icalproperty *one = icalcomponent_get_first_property(event, ICAL_ANY_PROPERTY); one;
             one = icalcomponent_get_next_property(event, ICAL_ANY_PROPERTY)) {
            if (!append(&file->properties, one)) return 0;
        }
        if (!append(&file->properties, NULL)) return 0;
    }
    return 1;
}

ccal_file *ccal_open(const char *text) {
    icalerror_set_errors_are_fatal(0);
    ccal_file *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    struct list events = {0};
    file->root = icalparser_parse_string(text);
    int is_whole = file->root && collect(file->root, &events, 0) && index_events(file, &events);
    free(events.all);
    if (is_whole) return file;
    ccal_close(file);
    return NULL;
}

static void forget_zone(ccal_file *file) {
    if (file->zone) icaltimezone_free(file->zone, 1);
    free(file->zone_name);
    file->zone = NULL;
    file->zone_name = NULL;
}

void ccal_close(ccal_file *file) {
    if (!file) return;
    forget_zone(file);
    if (file->root) icalcomponent_free(file->root);
    free(file->properties.all);
    free(file->first);
    free(file);
}

int32_t ccal_is_cancelled(const ccal_file *file) {
    return icalcomponent_isa(file->root) == ICAL_VCALENDAR_COMPONENT
        && icalcomponent_get_method(file->root) == ICAL_METHOD_CANCEL;
}

int32_t ccal_event_count(const ccal_file *file) { return file->count; }

static ccal_time plain(icaltimetype time) {
    return (ccal_time){
        time.year, time.month, time.day, time.hour, time.minute, time.second, time.is_date,
        !time.is_date && icaltime_is_utc(time)
    };
}

// Without a zone: dates of rules are those of clocks and calendars at the meeting.
static icaltimetype civil(const ccal_time *time) {
    icaltimetype result = icaltime_null_time();
    result.year = time->year;
    result.month = time->month;
    result.day = time->day;
    result.is_date = time->is_date != 0;
    if (!result.is_date) {
        result.hour = time->hour;
        result.minute = time->minute;
        result.second = time->second;
    }
    return result;
}

static icalproperty *property_of(const ccal_file *file, int32_t event, int32_t index) {
    if (event < 0 || event >= file->count || index < 0) return NULL;
    int32_t end = event + 1 < file->count ? file->first[event + 1] : file->properties.count;
    return index < end - file->first[event] ? file->properties.all[file->first[event] + index] : NULL;
}

static const char *parameter_of(
    icalproperty *property, icalparameter_kind kind, const char *(*read)(const icalparameter *)) {
    icalparameter *parameter = icalproperty_get_first_parameter(property, kind);
    return parameter ? read(parameter) : NULL;
}

static int holds(icalproperty *property, icalvalue_kind one, icalvalue_kind other) {
    icalvalue *value = icalproperty_get_value(property);
    icalvalue_kind kind = value ? icalvalue_isa(value) : ICAL_NO_VALUE;
    return kind == one || kind == other;
}

// libical takes any digits: the 99th of a 13th month too.
static int is_possible(icaltimetype time) {
    if (icaltime_is_null_time(time) || time.year < 1 || time.month < 1 || time.month > 12 || time.day < 1
        || time.day > icaltime_days_in_month(time.month, time.year)) return 0;
    return time.is_date
        || (time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0
            && time.second <= 60);
}

static void read_time(icalproperty *property, enum ccal_kind kind, ccal_property *result) {
    if (!holds(property, ICAL_DATETIME_VALUE, ICAL_DATE_VALUE)) return;
    icaltimetype time = icalvalue_get_datetime(icalproperty_get_value(property));
    if (!is_possible(time)) return;
    result->kind = kind;
    result->time = plain(time);
    result->zone = parameter_of(property, ICAL_TZID_PARAMETER, icalparameter_get_tzid);
}

static void read_person(icalproperty *property, enum ccal_kind kind, const char *address, ccal_property *result) {
    result->kind = kind;
    result->text = address;
    result->name = parameter_of(property, ICAL_CN_PARAMETER, icalparameter_get_cn);
    icalparameter *type = icalproperty_get_first_parameter(property, ICAL_CUTYPE_PARAMETER);
    switch (type ? icalparameter_get_cutype(type) : ICAL_CUTYPE_INDIVIDUAL) {
    case ICAL_CUTYPE_ROOM:
    case ICAL_CUTYPE_RESOURCE: result->whom = CCAL_PLACE; break;
    case ICAL_CUTYPE_GROUP: result->whom = CCAL_GROUP; break;
    default: result->whom = CCAL_PERSON;
    }
    icalparameter *answer = icalproperty_get_first_parameter(property, ICAL_PARTSTAT_PARAMETER);
    result->has_declined = answer && icalparameter_get_partstat(answer) == ICAL_PARTSTAT_DECLINED;
}

int32_t ccal_property_at(const ccal_file *file, int32_t event, int32_t index, ccal_property *result) {
    icalproperty *property = property_of(file, event, index);
    if (!property) return 0;
    memset(result, 0, sizeof *result);
    icalvalue *value = icalproperty_get_value(property);
    if (!value) return 1;
    switch (icalproperty_isa(property)) {
    case ICAL_UID_PROPERTY:
        result->kind = CCAL_UID;
        result->text = icalproperty_get_uid(property);
        break;
    case ICAL_SUMMARY_PROPERTY:
        result->kind = CCAL_SUMMARY;
        result->text = icalproperty_get_summary(property);
        break;
    case ICAL_LOCATION_PROPERTY:
        result->kind = CCAL_LOCATION;
        result->text = icalproperty_get_location(property);
        break;
    case ICAL_STATUS_PROPERTY:
        if (icalproperty_get_status(property) == ICAL_STATUS_CANCELLED) result->kind = CCAL_CANCELLED;
        break;
    case ICAL_DTSTART_PROPERTY: read_time(property, CCAL_START, result); break;
    case ICAL_DTEND_PROPERTY: read_time(property, CCAL_END, result); break;
    case ICAL_RECURRENCEID_PROPERTY: read_time(property, CCAL_RECURRENCE_ID, result); break;
    case ICAL_EXDATE_PROPERTY: read_time(property, CCAL_EXCEPT, result); break;
    case ICAL_RDATE_PROPERTY: {
        icaltimetype time = icalvalue_isa(value) == ICAL_PERIOD_VALUE
            ? icalvalue_get_period(value).start
            : icalproperty_get_rdate(property).time;
        if (!is_possible(time)) break;
        result->kind = CCAL_MORE;
        result->time = plain(time);
        result->zone = parameter_of(property, ICAL_TZID_PARAMETER, icalparameter_get_tzid);
        break;
    }
    case ICAL_DURATION_PROPERTY:
        if (!holds(property, ICAL_DURATION_VALUE, ICAL_DURATION_VALUE)) break;
        result->kind = CCAL_DURATION;
        result->seconds = icaldurationtype_as_int(icalproperty_get_duration(property));
        break;
    case ICAL_RRULE_PROPERTY: result->kind = CCAL_RULE; break;
    case ICAL_ATTENDEE_PROPERTY:
        read_person(property, CCAL_ATTENDEE, icalproperty_get_attendee(property), result);
        break;
    case ICAL_ORGANIZER_PROPERTY:
        read_person(property, CCAL_ORGANIZER, icalproperty_get_organizer(property), result);
        break;
    case ICAL_XLICERROR_PROPERTY: {
        // What libical could not read is replaced by a property that says so.
        const char *text = icalproperty_get_xlicerror(property);
        if (text && strstr(text, "RRULE")) result->kind = CCAL_BROKEN_RULE;
        break;
    }
    default: break;
    }
    return 1;
}

// Whether the dates of a rule are found in little time, whatever it says.
static int is_cheap(const struct icalrecurrencetype *rule) {
    return rule->freq >= ICAL_DAILY_RECURRENCE && rule->freq <= ICAL_YEARLY_RECURRENCE && rule->interval > 0
        && rule->by_hour[0] == ICAL_RECURRENCE_ARRAY_MAX && rule->by_minute[0] == ICAL_RECURRENCE_ARRAY_MAX
        && rule->by_second[0] == ICAL_RECURRENCE_ARRAY_MAX
        && (!rule->rscale || !strcmp(rule->rscale, "GREGORIAN"));
}

ccal_dates *ccal_dates_open(const ccal_file *file, int32_t event, int32_t index, const ccal_time *start) {
    icalproperty *property = property_of(file, event, index);
    if (!property || icalproperty_isa(property) != ICAL_RRULE_PROPERTY
        || !holds(property, ICAL_RECUR_VALUE, ICAL_RECUR_VALUE)) return NULL;
    struct icalrecurrencetype rule = icalproperty_get_rrule(property);
    if (!is_cheap(&rule)) return NULL;
    // It may be in UTC, and the dates are not.
    rule.until = icaltime_null_time();
    ccal_dates *dates = calloc(1, sizeof *dates);
    if (!dates) return NULL;
    dates->iterator = icalrecur_iterator_new(rule, civil(start));
    if (dates->iterator) return dates;
    free(dates);
    return NULL;
}

void ccal_dates_close(ccal_dates *dates) {
    if (!dates) return;
    icalrecur_iterator_free(dates->iterator);
    free(dates);
}

int32_t ccal_dates_next(ccal_dates *dates, ccal_time *time) {
    icaltimetype next = icalrecur_iterator_next(dates->iterator);
    if (icaltime_is_null_time(next)) return 0;
    *time = plain(next);
    return 1;
}

int32_t ccal_rule_until(const ccal_file *file, int32_t event, int32_t index, ccal_time *until) {
    icalproperty *property = property_of(file, event, index);
    if (!property || icalproperty_isa(property) != ICAL_RRULE_PROPERTY
        || !holds(property, ICAL_RECUR_VALUE, ICAL_RECUR_VALUE)) return 0;
    icaltimetype time = icalproperty_get_rrule(property).until;
    if (!is_possible(time)) return 0;
    *until = plain(time);
    return 1;
}

// Whether a rule gives a few dates a year at most: real ones name a month and a weekday, or a week of its days.
static int is_once_a_year(const struct icalrecurrencetype *rule) {
    int has_month = rule->by_month[0] != ICAL_RECURRENCE_ARRAY_MAX;
    int has_weekday = rule->by_day[0] != ICAL_RECURRENCE_ARRAY_MAX;
    int has_day = rule->by_month_day[0] != ICAL_RECURRENCE_ARRAY_MAX;
    if (has_month && rule->by_month[1] != ICAL_RECURRENCE_ARRAY_MAX) return 0;
    if (has_weekday && (!has_month || rule->by_day[1] != ICAL_RECURRENCE_ARRAY_MAX)) return 0;
    for (int day = 0; has_day && day < 8; day++) {
        if (!has_month) return 0;
        if (rule->by_month_day[day] == ICAL_RECURRENCE_ARRAY_MAX) break;
        if (day == 7) return 0;
    }
    return rule->by_week_no[0] == ICAL_RECURRENCE_ARRAY_MAX && rule->by_year_day[0] == ICAL_RECURRENCE_ARRAY_MAX;
}

// A zone whose changes of the clock are found in little time: real ones repeat them yearly.
static int is_workable(icalcomponent *zone) {
    int parts = 0, rule_count = 0;
    icalcompiter inner = icalcomponent_begin_component(zone, ICAL_ANY_COMPONENT);
    for (icalcomponent *part = icalcompiter_deref(&inner); part; part = icalcompiter_next(&inner)) {
        if (++parts > ZONE_PARTS || !icalcomponent_get_first_property(part, ICAL_DTSTART_PROPERTY)) return 0;
        int rules = 0;
        for (icalproperty *one = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY); one;
             one = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY)) {
            if (!holds(one, ICAL_RECUR_VALUE, ICAL_RECUR_VALUE) || ++rules > 1) return 0;
            struct icalrecurrencetype rule = icalproperty_get_rrule(one);
            if (rule.freq != ICAL_YEARLY_RECURRENCE || !is_cheap(&rule) || !is_once_a_year(&rule)) return 0;
            if (++rule_count > ZONE_RULES) return 0;
        }
        icaltimetype start = icalcomponent_get_dtstart(part);
        if (!is_possible(start) || start.year < 1500 || start.year > 2200) return 0;
    }
    return parts > 0;
}

static icalcomponent *zone_component(icalcomponent *component, const char *name, int level) {
    if (icalcomponent_isa(component) == ICAL_VTIMEZONE_COMPONENT) {
        icalproperty *id = icalcomponent_get_first_property(component, ICAL_TZID_PROPERTY);
        const char *own = id ? icalproperty_get_tzid(id) : NULL;
        return own && !strcmp(own, name) ? component : NULL;
    }
    if (level == LEVELS) return NULL;
    icalcompiter inner = icalcomponent_begin_component(component, ICAL_ANY_COMPONENT);
    for (icalcomponent *one = icalcompiter_deref(&inner); one; one = icalcompiter_next(&inner)) {
        icalcomponent *found = zone_component(one, name, level + 1);
        if (found) return found;
    }
    return NULL;
}

static void find_zone(ccal_file *file, const char *name) {
    forget_zone(file);
    size_t size = strlen(name) + 1;
    file->zone_name = malloc(size);
    if (file->zone_name) memcpy(file->zone_name, name, size);
    icalcomponent *component = zone_component(file->root, name, 0);
    if (!file->zone_name || !component || !is_workable(component)) return;
    icalcomponent *copy = icalcomponent_new_clone(component);
    file->zone = icaltimezone_new();
    if (file->zone && copy && icaltimezone_set_component(file->zone, copy)) return;
    if (copy) icalcomponent_free(copy);
    if (file->zone) icaltimezone_free(file->zone, 1);
    file->zone = NULL;
}

int32_t ccal_zone_offset(ccal_file *file, const char *zone, const ccal_time *time, int32_t *seconds) {
    if (!file->zone_name || strcmp(file->zone_name, zone)) find_zone(file, zone);
    if (!file->zone || time->year < 1900 || time->year > 2200) return 0;
    icaltimetype at = civil(time);
    at.is_date = 0;
    *seconds = icaltimezone_get_utc_offset(file->zone, &at, NULL);
    return 1;
}
