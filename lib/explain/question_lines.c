/* Lines of logs in other text: in sentences, in lines that are too long or broken. */
#include <string.h>

#include "explain/question.h"
#include "kb.h"

#define LONG_LINE 400  /* longer lines hold several sentences or lines of a log */
#define WIDEST_HIT 400 /* a pattern of a log line that spans more joined what does not belong */

/* "there is no 'user server timeout'": the words before the place deny it. */
static bool denied(const struct dx_reading *r, size_t at)
{
    static const char *const deny[] = {"no", "without", "any", NULL};
    const char *text = r->prose.text.p;
    for (size_t words = 0; words < 2; words++) {
        while (at && (text[at - 1] == ' ' || strchr("\"'`(", text[at - 1]))) {
            at--;
        }
        size_t end = at;
        while (at && dx_is_word_char(text[at - 1])) {
            at--;
        }
        for (const char *const *d = deny; *d; d++) {
            if (dx_str_is_nocase((struct dx_str){text + at, end - at}, *d)) {
                return true;
            }
        }
        if (end == at) {
            return false;
        }
    }
    return false;
}

static void question_lines_on_line(void *user, const struct dx_hit *hit)
{
    struct dx_reading *r = user;
    struct dx_str span = hit->span_count ? hit->span[0] : r->piece;
    size_t at = dx_reading_offset(r, span);
    bool across = r->cuts == 0;
    for (size_t i = 0; i < r->cuts; i++) {
        across |= at < r->cut[i] && at + span.n > r->cut[i];
    }
    if (!across || (r->cuts && r->seen[hit->row]) || span.n > WIDEST_HIT || denied(r, at)) {
        return;
    }
    r->seen[hit->row] = true;
    r->line_found |= kb_symptom_rows[hit->row].role == KB_SYMPTOM_ROLE_CAUSE;
    struct dx_hit own = *hit;
    struct dx_str text = r->piece;
    if (text.n > DX_QUOTE_BYTES && span.n < DX_QUOTE_BYTES) { /* the sentence, not all of it */
        own.when = own.when ? own.when : dx_line_when(text);
        own.span[0] = (struct dx_str){NULL, 0};
        text = dx_str(dx_prose_sentence(&r->prose, span, DX_QUOTE_BYTES, &r->q->ctx->arena));
    }
    dx_timeline_add(r->q->timeline, &own, r->file, dx_prose_line(&r->prose, at), text);
}

static void match_piece(struct dx_reading *r, size_t from, size_t to)
{
    struct dx_str s = dx_str_trim((struct dx_str){r->prose.text.p + from, to - from});
    struct dx_line l = dx_line_parse(s, &r->q->ctx->arena);
    bool inside = l.message.p >= s.p && l.message.p <= s.p + s.n; /* of JSON it is elsewhere */
    if (l.form != DX_LINE_HEADER) {
        r->piece = inside ? l.message : s;
        dx_patterns_match(r->q->patterns, r->piece, question_lines_on_line, r);
    }
}

static bool question_lines_digits(const char *p, const char *form)
{
    for (; *form; form++, p++) {
        if (*form == 'd' ? !(*p >= '0' && *p <= '9') : *p != *form) {
            return false;
        }
    }
    return true;
}

/* Where a long line may be cut: before a time stamp, after a sentence. */
static bool may_cut(const char *p, size_t at)
{
    static const char *const levels[] = {"default", "error", "info", "fault", "debug"};
    if (p[at - 1] != ' ' && p[at - 1] != '\n') {
        return false;
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        size_t n = strlen(levels[i]);
        if (strncmp(p + at, levels[i], n) == 0 && p[at + n] &&
            question_lines_digits(p + at + n + 1, "dd:dd:dd")) {
            return true;
        }
    }
    return question_lines_digits(p + at, "dddd-dd-dd dd:dd:dd") ||
           (at >= 2 && strchr(".?!", p[at - 2]) && p[at] >= 'A' && p[at] <= 'Z');
}

static void match_line(struct dx_reading *r, size_t from, size_t to)
{
    const char *p = r->prose.text.p;
    r->cuts = 0;
    if (to - from <= LONG_LINE) {
        match_piece(r, from, to);
        return;
    }
    size_t begin = from;
    for (size_t at = from + 1; at < to; at++) {
        if (may_cut(p, at)) {
            match_piece(r, begin, at);
            begin = at;
        }
    }
    match_piece(r, begin, to);
}

void dx_reading_lines(struct dx_reading *r)
{
    const size_t *line = r->prose.line;
    for (size_t i = 0; i < r->prose.lines; i++) {
        match_line(r, line[i], line[i + 1]);
    }
    for (size_t i = 0; i + 1 < r->prose.lines; i++) {
        size_t end = i + DX_BROKEN_LINES < r->prose.lines ? i + DX_BROKEN_LINES : r->prose.lines;
        r->cuts = 0;
        for (size_t k = i + 1; k < end; k++) {
            r->cut[r->cuts++] = line[k];
        }
        if (line[end] - line[i] <= (size_t)DX_BROKEN_LINES * LONG_LINE && line[i + 1] > line[i]) {
            match_piece(r, line[i], line[end]);
        }
    }
}
