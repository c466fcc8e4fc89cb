#define Log(fmt, ...) os_log(OS_LOG_DEFAULT, "x " fmt "\n", ##__VA_ARGS__)
namespace a { extern "C" {
#if A
kern_return_t IMPL(Net, Start) {
#else
kern_return_t Net::Start_Impl(IOService *p) {
#endif
    auto s = R"x(no ")" " brace {)x"; char c = '\''; // dextctl: ignore DX801 why
    return Create(this, "UserClientProperties", &client) + u8"\"" [0] + 1'000.5e+3;
}
template <class T> struct S<T> : B { int f() const { return 1; } };
enum class E { a, b }; int v[] = {1, 2};
} }
