import SystemExtensions

final class Installer: NSObject {
    private let driver = "com.acme.other"

    func activate(driver: String) {
        let request = OSSystemExtensionRequest.activationRequest(
            forExtensionWithIdentifier: driver, queue: .main)
        OSSystemExtensionManager.shared.submitRequest(request)
    }
}
