kern_return_t IMPL(MyDriver, Start)
{
    ret = IOServiceOpen(service, mach_task_self(), 0, &connect);
    if (ret == kIOReturnNotPermitted) {
        return kIOReturnNotPermitted;
    }
}
