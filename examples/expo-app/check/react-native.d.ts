// React Native has no types for its own parts.
declare module 'react-native/Libraries/Core/setUpXHR' {}
