#import <SystemExtensions/SystemExtensions.h>

void activate(void)
{
    OSSystemExtensionRequest *r = [OSSystemExtensionRequest activationRequestForExtension:@"com.acme.driver"
                                                                                    queue:dispatch_get_main_queue()];
    [OSSystemExtensionManager.sharedManager submitRequest:r];
}
