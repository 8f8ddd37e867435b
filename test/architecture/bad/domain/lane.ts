export const lane = 'OTP';
