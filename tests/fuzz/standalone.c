/* Runs a fuzz target over files and folders given as arguments, so that every compiler's ctest
 * replays the seeds and the inputs that once failed. Options of libFuzzer (-runs=0) are ignored. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t ran;

static void run_file(const char *path, size_t size)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = malloc(size + 1);
    if (!in || !data || fread(data, 1, size, in) != size) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    (void)fclose(in);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    ran++;
}

static void run_path(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        (void)fprintf(stderr, "%s: not there\n", path);
        exit(1);
    }
    if (!S_ISDIR(st.st_mode)) {
        run_file(path, (size_t)st.st_size);
        return;
    }
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        char below[4096];
        if (e->d_name[0] != '.') {
            (void)snprintf(below, sizeof below, "%s/%s", path, e->d_name);
            run_path(below);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            run_path(argv[i]);
        }
    }
    (void)printf("%zu inputs\n", ran);
    return ran ? 0 : 1;
}
