import SystemExtensions

final class Installer: NSObject {
    private let driver = "com.acme.MyApp.driver"

    func activate() {
        let request = OSSystemExtensionRequest.activationRequest(
            forExtensionWithIdentifier: driver, queue: .main)
        OSSystemExtensionManager.shared.submitRequest(request)
    }
}
