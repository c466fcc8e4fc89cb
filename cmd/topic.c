#include <stdlib.h>

#include "cmd.h"
#include "view/topic_view.h"

static int topic_run(struct app *app, const struct args *args)
{
    size_t all = 0;
    const struct dext_symptom *list = dext_topics(app->ctx, &all);
    size_t count = args->operand_count ? args->operand_count : all;
    const struct dext_symptom **topics =
        app_alloc((count + 1) * sizeof(const struct dext_symptom *));
    for (size_t i = 0; i < count; i++) {
        topics[i] = args->operand_count ? dext_topic_find(app->ctx, args->operands[i]) : &list[i];
    }
    topic_view(app, topics, count, args->operand_count == 0);
    free(topics);
    return APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"dextctl topic", "list all topics"},
    {"dextctl topic user-client", "say everything about one"},
    {NULL, NULL},
};

const struct cmd cmd_topic = {
    .name = "topic",
    .summary = "what a driver extension can and cannot do, with sources",
    .usage = "topic [NAME]...",
    .text =
        "Prints the texts that explain answers questions from: what DriverKit has for a kind of "
        "hardware or a task, what it has not, and the way that exists instead. Without an "
        "operand it lists all topics. topic- or question- at the front of a name may be left "
        "out.",
    .formats = "human|json|ndjson",
    .form = &topic_form,
    .examples = examples,
    .exits = "  0  printed\n  2  no such topic\n",
    .operands = "topic",
    .run = topic_run,
};
