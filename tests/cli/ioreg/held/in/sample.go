const sample = `+-o Acme Mixer@08320000  <class IOUSBHostDevice, id 0x1000004b0, registered, matched, active, busy 0 (2 ms), retain 40>
  | {
  |   "idProduct" = 4097
  |   "idVendor" = 4660
  | }
  |
  +-o Controls@0  <class IOUSBHostInterface, id 0x1000004b1, registered, matched, active, busy 0 (1 ms), retain 10>
  | | {
  | |   "bInterfaceNumber" = 0
  | |   "UsbExclusiveOwner" = "pid 41322, usbaudiod"
  | | }
  | |
  | +-o AcmeMixerDriver  <class IOUserService, id 0x1000004b2, registered, matched, active, busy 0 (0 ms), retain 7>
  |     {
  |       "IOUserServerName" = "com.example.AcmeMixer"
  |       "IOProviderClass" = "IOUSBHostInterface"
  |       "IOMatchCategory" = "IODefaultMatchCategory"
  |       "IOUserClass" = "AcmeMixerDriver"
  |       "IOUserClasses" = ("AcmeMixerDriver","IOService","OSObject")
  |     }
  |
`
