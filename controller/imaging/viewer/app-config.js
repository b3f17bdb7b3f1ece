// OHIF's settings here: one source of images, the service that these files come from; nothing from elsewhere.
window.config = {
  routerBasename: '/',
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: false,
  strictZSpacingForVolumeViewport: true,
  useSharedArrayBuffer: 'AUTO',
  investigationalUseDialog: { option: 'never' },
  customizationService: [{ 'ohif.tours': { $set: [] } }],
  whiteLabeling: {
    // The way back: this service sends who follows it to the controller's page.
    createLogoComponentFn: (React) =>
      React.createElement('a', { href: '/wardlink', style: { color: '#fff', fontWeight: 600, padding: '8px 12px' } }, 'Wardlink'),
  },
  defaultDataSourceName: 'wardlink',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'wardlink',
      configuration: {
        friendlyName: 'Wardlink',
        name: 'wardlink',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/dicom-web',
        qidoSupportsIncludeField: true,
        supportsReject: false,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        omitQuotationForMultipartRequest: true,
        singlepart: 'bulkdata,video',
        bulkDataURI: { enabled: true },
      },
    },
  ],
};
